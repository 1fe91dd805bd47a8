#include "http/escape.hpp"
#include "http/target.hpp"
#include "support/catch.hpp"

using namespace restpoint::http;

namespace {

const std::string replaced = "\xEF\xBF\xBD";

} // namespace

TEST_CASE("what means something to HTML becomes an entity", "[http]") {
    CHECK(
        escape_html("<a href=\"x\" title='y'>&amp;</a>") ==
        "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;");
    CHECK(escape_html("plain\ttext\n") == "plain\ttext\n");
    CHECK(escape_html("").empty());
}

TEST_CASE("control characters are replaced, tab and newline are not", "[http]") {
    CHECK(escape_html("a\rb") == "a" + replaced + "b");
    CHECK(escape_html(std::string_view("\0", 1)) == replaced);
    CHECK(escape_html("\x1b[31m") == replaced + "[31m");
    CHECK(escape_html("\x7f") == replaced);
    CHECK(escape_html("\xC2\x85") == replaced);
    CHECK(escape_html("\xC2\xA0") == "\xC2\xA0");
}

TEST_CASE("UTF-8 passes and what is not UTF-8 is replaced byte by byte", "[http]") {
    CHECK(
        escape_html("caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x90\x98") ==
        "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x90\x98");
    CHECK(escape_html("\xC3") == replaced);
    CHECK(escape_html("\xE2\x82<") == replaced + replaced + "&lt;");
    CHECK(escape_html("\xC0\xBC") == replaced + replaced); // overlong '<'
    CHECK(escape_html("\xFF") == replaced);
}

TEST_CASE("a UTF-8 sequence is what the Unicode standard allows", "[http]") {
    const auto [text, length] = GENERATE(table<std::string, std::size_t>({
        {"", 0},
        {"a", 1},
        {"\xC2\x80", 2},
        {"\xC1\xBF", 0},
        {"\x80", 0},
        {"\xE0\xA0\x80", 3},
        {"\xE0\x9F\xBF", 0},
        {"\xED\x9F\xBF", 3},
        {"\xED\xA0\x80", 0}, // surrogate
        {"\xF0\x90\x80\x80", 4},
        {"\xF0\x8F\xBF\xBF", 0},
        {"\xF4\x8F\xBF\xBF", 4},
        {"\xF4\x90\x80\x80", 0},
        {"\xF5\x80\x80\x80", 0},
        {"\xF0\x90\x80", 0},
        {"\xE2\x82", 0},
    }));

    CHECK(utf8_sequence(text) == length);
}

TEST_CASE("scrubbed text is UTF-8 and otherwise the same", "[http]") {
    CHECK(scrub_utf8("<\r\xC3\xA9\xFF>") == "<\r\xC3\xA9" + replaced + ">");
}

TEST_CASE("an escaped value comes back from a query", "[http]") {
    std::string all;
    for (int c = 1; c < 256; ++c) {
        all += static_cast<char>(c);
    }

    CHECK(query_escape("a-Z_0.~") == "a-Z_0.~");
    CHECK(query_escape("a b&c=d/\xC3\xA9") == "a%20b%26c%3Dd%2F%C3%A9");
    CHECK(percent_decode(query_escape(all)) == all);
}
