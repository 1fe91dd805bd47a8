#include "postgres/supervisor_rpc.hpp"
#include "support/catch.hpp"

#include <string>

using namespace restpoint;
using namespace restpoint::postgres;

namespace {

std::string http(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nServer: Medusa/1.12\r\n\r\n" + body;
}

} // namespace

TEST_CASE("base64 is what RFC 4648 says", "[postgres]") {
    CHECK(base64("").empty());
    CHECK(base64("f") == "Zg==");
    CHECK(base64("fo") == "Zm8=");
    CHECK(base64("foo") == "Zm9v");
    CHECK(base64("foobar") == "Zm9vYmFy");
    CHECK(base64("\xff\xfe\xfd") == "//79");
}

TEST_CASE("a call is a whole request with its values escaped", "[postgres]") {
    const auto text = rpc_request("supervisor.startProcess", {std::string("a<&>b"), false}, {});

    CHECK_THAT(text, StartsWith("POST /RPC2 HTTP/1.1\r\nHost: localhost\r\n"));
    CHECK_THAT(text, ContainsSubstring("<methodName>supervisor.startProcess</methodName>"));
    CHECK_THAT(text, ContainsSubstring("<string>a&lt;&amp;&gt;b</string>"));
    CHECK_THAT(text, ContainsSubstring("<boolean>0</boolean>"));
    CHECK_THAT(text, !ContainsSubstring("Authorization"));
    const auto body = text.substr(text.find("\r\n\r\n") + 4);
    CHECK_THAT(text, ContainsSubstring("Content-Length: " + std::to_string(body.size()) + "\r\n"));
}

TEST_CASE("who has a name and a password shows them", "[postgres]") {
    const auto text = rpc_request("supervisor.getState", {true}, {"admin", "secret"});

    CHECK_THAT(text, ContainsSubstring("Authorization: Basic YWRtaW46c2VjcmV0\r\n"));
    CHECK_THAT(text, ContainsSubstring("<boolean>1</boolean>"));
}

TEST_CASE("an answer is a value or the members of a struct", "[postgres]") {
    const auto value = parse_rpc_answer(http(
        "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><boolean>1</boolean>"
        "</value>\n</param>\n</params>\n</methodResponse>\n"));
    const auto members = parse_rpc_answer(http(
        "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><struct>\n<member>\n"
        "<name>description</name>\n<value><string>pid 7 &lt;x&gt; "
        "&quot;&apos;&amp;</string></value>\n"
        "</member>\n<member>\n<name>pid</name>\n<value><int>7</int></value>\n</member>\n<member>\n"
        "<name>bare</name>\n<value>word</value>\n</member>\n<member>\n<name>empty</name>\n"
        "<value><string></string></value>\n</member>\n<member><name>half</name></member>"
        "<member>\n<name>odd</name><value><string></value></member></struct></value>\n</param>\n"
        "</params>\n</methodResponse>\n"));

    REQUIRE(value.has_value());
    CHECK(value->fault == 0);
    CHECK(value->text == "1");
    CHECK(value->members.empty());
    REQUIRE(members.has_value());
    CHECK(
        members->members == std::map<std::string, std::string>{
                                {"bare", "word"},
                                {"description", "pid 7 <x> \"'&"},
                                {"empty", ""},
                                {"odd", ""},
                                {"pid", "7"}});
}

TEST_CASE("a fault keeps its code and its words", "[postgres]") {
    const auto fault = parse_rpc_answer(
        http("<?xml version='1.0'?>\n<methodResponse>\n<fault>\n<value><struct>\n<member>\n"
             "<name>faultCode</name>\n<value><int>70</int></value>\n</member>\n<member>\n"
             "<name>faultString</name>\n<value><string>NOT_RUNNING: postgres</string></value>\n"
             "</member>\n</struct></value>\n</fault>\n</methodResponse>\n"));

    REQUIRE(fault.has_value());
    CHECK(fault->fault == fault_not_running);
    CHECK(fault->text == "NOT_RUNNING: postgres");
}

TEST_CASE("a refused login is told apart from what is no supervisord", "[postgres]") {
    const auto login = parse_rpc_answer("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");

    REQUIRE(login.has_error());
    CHECK(login.error().code == errc::forbidden);
    for (const std::string& text :
         {std::string{}, std::string("HTTP/1.1 200 OK\r\n\r\nhello"), std::string("HTTP/1.1 "),
          std::string("{\"ok\":true}\n"), http("<methodResponse>"),
          http("<methodResponse><params></params></methodResponse>"),
          std::string("HTTP/1.1 400 Bad Request\r\n\r\n<methodResponse></methodResponse>"),
          std::string("HTTP/1.1 200 OK <methodResponse>")}) {
        CAPTURE(text);
        const auto answer = parse_rpc_answer(text);
        REQUIRE(answer.has_error());
        CHECK(answer.error().code == errc::invalid);
    }
}
