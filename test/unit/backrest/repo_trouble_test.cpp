#include "backrest/repo_trouble.hpp"
#include "support/catch.hpp"

#include <string>

using namespace restpoint::backrest;

namespace {

const std::string no_container =
    "[ProtocolError] HTTP request failed with 404 (The specified container does not exist.):\n"
    "*** Path/Query ***:\nGET /account/pgbr?comp=list\n*** Request Headers ***:\n"
    "authorization: <redacted>\n*** Response Content ***:\n<Error>\n  "
    "<Code>ContainerNotFound</Code>\n"
    "  <Message>The specified container does not "
    "exist.\nRequestId:4c4c\nTime:2026</Message>\n</Error>";

const std::string no_text =
    "[FormatError] unable to load info file '/r/backup.info' or '/r/backup.info.copy':\n"
    "FormatError: key/value found outside of section at line 1: Salted__\x01\x02\n"
    "HINT: has a stanza-create been performed?";

} // namespace

TEST_CASE("a store's answer is told without the request", "[backrest]") {
    CHECK(
        in_brief(no_container) ==
        "[ProtocolError] HTTP request failed with 404 (The specified container does not exist.): "
        "ContainerNotFound: The specified container does not exist.");
    CHECK(
        in_brief("HTTP request failed with 403 (Forbidden):\n*** Path/Query ***:\nHEAD /x") ==
        "HTTP request failed with 403 (Forbidden)");
    CHECK(
        in_brief("HTTP request failed with 500 (Oops):\n*** Path/Query ***:\n<Code>cut") ==
        "HTTP request failed with 500 (Oops)");
}

TEST_CASE("of several repos each keeps its own answer", "[backrest]") {
    CHECK(
        in_brief(
            "unable to find a valid repository:\nrepo1: " + no_container + "\nrepo2: refused") ==
        "unable to find a valid repository:\nrepo1: [ProtocolError] HTTP request failed with 404 "
        "(The specified container does not exist.): ContainerNotFound: The specified container "
        "does "
        "not exist.\nrepo2: refused");
}

TEST_CASE("a file that was decrypted with a wrong passphrase is not quoted", "[backrest]") {
    CHECK(
        in_brief(no_text) ==
        "[FormatError] unable to load info file '/r/backup.info' or '/r/backup.info.copy': its "
        "content is no text");
    CHECK_THAT(std::string(trouble_hint(no_text)), ContainsSubstring("repoN-cipher-pass"));
}

TEST_CASE("what is no trouble of a repo is told as it is", "[backrest]") {
    CHECK(in_brief("two\nlines:") == "two\nlines:");
    CHECK(in_brief("").empty());
    CHECK(trouble_hint("no database found").empty());
}

TEST_CASE("each trouble has its own hint", "[backrest]") {
    const auto [message, hint] = GENERATE(table<std::string, std::string>({
        {no_container, "no such bucket or container"},
        {"HTTP request failed with 404 (Not Found):\n<Code>NoSuchBucket</Code>", "no such bucket"},
        {"HTTP request failed with 403 (Forbidden):\nHEAD /pgbr/x", "refused the key"},
        {"HTTP request failed with 403 (x):\n<Code>RequestTimeTooSkewed</Code>", "clock"},
        {"HTTP request failed with 503 (Slow Down)", "busy"},
        {"unable to connect to 'localhost:9443': [111] Connection refused", "nobody answers"},
        {"timeout connecting to 'store:443'", "nobody answers"},
        {"unable to get address for 'x': [-2] Name or service not known", "name is not known"},
        {"timeout after 2000ms waiting for read from 'localhost:9543'", "does not answer in time"},
        {"unable to verify certificate presented by 'l:1': [10] certificate has expired", "renew"},
        {"unable to verify certificate presented by 'l:1': [20] unable to get local issuer "
         "certificate",
         "repoN-storage-ca-file"},
        {"unable to find hostname 'localhost' in certificate common name or subject alternative "
         "names",
         "another name"},
        {"unable to set user-defined CA certificate location: [2147483650] no details available",
         "is missing"},
        {"raised from remote-0 tls protocol on 'repo-host': access denied", "tls-server-auth"},
        {"unable to load cipher: cipher header invalid", "repoN-cipher-pass"},
    }));

    CHECK_THAT(std::string(trouble_hint(message)), ContainsSubstring(hint));
}
