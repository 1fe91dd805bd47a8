#include "base/escape_json.hpp"
#include "support/catch.hpp"

using namespace restpoint;

namespace {

const std::string replaced = "\xEF\xBF\xBD";

std::string escaped(std::string_view text) {
    std::string out;
    append_json(out, text);
    return out;
}

} // namespace

TEST_CASE("what would end or change a JSON string is escaped", "[base]") {
    CHECK(escaped(R"(a "b" \c)") == R"(a \"b\" \\c)");
    CHECK(escaped("a\tb\nc\rd") == R"(a\tb\nc\rd)");
    CHECK(escaped(std::string_view("\0\x1B[31m\x1F", 7)) == R"(\u0000\u001b[31m\u001f)");
    CHECK(escaped("\x7F") == R"(\u007f)");
    CHECK(escaped("it's <b> & /path") == "it's <b> & /path");
    CHECK(escaped("").empty());
}

TEST_CASE("JSON keeps UTF-8 and replaces what is none byte by byte", "[base]") {
    CHECK(
        escaped("caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x90\x98") ==
        "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x90\x98");
    CHECK(escaped("\x80") == replaced);
    CHECK(escaped("\xE2\x82\"") == replaced + replaced + "\\\"");
    CHECK(escaped("\xC0\xBC") == replaced + replaced);
}

TEST_CASE("escaping for JSON does not depend on where a character stands", "[base]") {
    for (std::size_t before = 0; before < 100; ++before) {
        const std::string plain(before, 'x');
        CAPTURE(before);

        CHECK(escaped(plain) == plain);
        CHECK(escaped(plain + "\"\x01\xC3\xA9" + plain) == plain + "\\\"\\u0001\xC3\xA9" + plain);
    }
}

TEST_CASE("what is escaped for JSON is appended to what is there", "[base]") {
    std::string out = "{\"line\":\"";

    append_json(out, "a");

    CHECK(out == "{\"line\":\"a");
}
