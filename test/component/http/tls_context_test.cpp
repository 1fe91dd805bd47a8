// What a certificate, a key and the clients' issuers must be, and what is said when they are not.
#include "support/catch.hpp"
#include "tls_fixture.hpp"

#include <sys/stat.h>

using namespace restpoint;
using test::tls_fixture;

namespace {

bool says(const result<std::shared_ptr<const http::tls_context>>& got, const std::string& what) {
    return !got && got.error().code == errc::invalid && !got.error().hint.empty() &&
           got.error().detail.find(what) != std::string::npos;
}

} // namespace

TEST_CASE("a good pair is taken without a doubt", "[http][tls][component]") {
    const tls_fixture tls;

    const auto loaded = http::tls_context::load(tls.write(tls.issuer.issue()));

    REQUIRE(loaded);
    CHECK((*loaded)->doubts().empty());
    CHECK((*loaded)->expires() > std::chrono::system_clock::now());
}

TEST_CASE("a wrong file is named with what is wrong", "[http][tls][component]") {
    const tls_fixture tls;
    auto from = tls.write(tls.issuer.issue());

    SECTION("no such certificate") {
        from.certificate = "/nowhere/tls.crt";
        CHECK(
            says(http::tls_context::load(from), "server.tls_cert: cannot open '/nowhere/tls.crt'"));
    }
    SECTION("no such key") {
        from.key = "/nowhere/tls.key";
        CHECK(
            says(http::tls_context::load(from), "server.tls_key: cannot open '/nowhere/tls.key'"));
    }
    SECTION("no certificate in the file") {
        from.certificate = tls.files.put("x.crt", GENERATE("", "hello\n"));
        CHECK(says(http::tls_context::load(from), "x.crt' holds no certificate"));
    }
    SECTION("a certificate in the chain that is cut off") {
        const auto good = tls.issuer.pem();
        from.certificate = tls.files.put("x.crt", good + good.substr(0, good.size() / 2));
        CHECK(says(http::tls_context::load(from), "x.crt' holds no certificate"));
    }
    SECTION("no key in the file") {
        from.key = tls.files.put("x.key", tls.issuer.pem());
        CHECK(says(http::tls_context::load(from), "x.key' holds no private key"));
    }
    SECTION("the key of another certificate") {
        from.key = tls.files.put("x.key", tls.issuer.issue().key);
        CHECK(says(http::tls_context::load(from), "x.key' does not belong to the certificate in"));
    }
    SECTION("a key with a passphrase") {
        from.key = tls.files.put("x.key", test::authority::locked_key());
        CHECK(says(http::tls_context::load(from), "x.key' is locked with a passphrase"));
    }
    SECTION("no such issuers") {
        from.client_ca = "/nowhere/ca.crt";
        CHECK(says(http::tls_context::load(from), "server.tls_client_ca: cannot open"));
    }
    SECTION("no issuers in the file") {
        from.client_ca = tls.files.put("ca.crt", "nothing");
        CHECK(says(http::tls_context::load(from), "ca.crt' holds no certificates"));
    }
}

TEST_CASE("what works and should not be so is doubted", "[http][tls][component]") {
    const tls_fixture tls;
    auto from = tls.write(tls.issuer.issue(GENERATE(
        test::wanted_certificate{}, test::wanted_certificate{"a", "DNS:a", -7200, -3600},
        test::wanted_certificate{"a", "DNS:a", 3600, 7200})));
    ::chmod(from.key.c_str(), 0644);

    const auto loaded = http::tls_context::load(from);

    REQUIRE(loaded);
    const auto& doubts = (*loaded)->doubts();
    REQUIRE_FALSE(doubts.empty());
    CHECK(doubts.back().find("has the permissions 0644") != std::string::npos);
    const bool in_force =
        (*loaded)->expires() > std::chrono::system_clock::now() + std::chrono::hours(3);
    CHECK(doubts.size() == (in_force ? 1 : 2));
}
