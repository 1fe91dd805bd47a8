#include "base/escape_html.hpp"
#include "support/catch.hpp"

using namespace restpoint;

namespace {

const std::string replaced = "\xEF\xBF\xBD";

} // namespace

TEST_CASE("what means something to HTML becomes an entity", "[base]") {
    CHECK(
        escape_html("<a href=\"x\" title='y'>&amp;</a>") ==
        "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;");
    CHECK(escape_html("plain\ttext\n") == "plain\ttext\n");
    CHECK(escape_html("").empty());
}

TEST_CASE("control characters are replaced, tab and newline are not", "[base]") {
    CHECK(escape_html("a\rb") == "a" + replaced + "b");
    CHECK(escape_html(std::string_view("\0", 1)) == replaced);
    CHECK(escape_html("\x1b[31m") == replaced + "[31m");
    CHECK(escape_html("\x7f") == replaced);
    CHECK(escape_html("\xC2\x85") == replaced);
    CHECK(escape_html("\xC2\xA0") == "\xC2\xA0");
}

TEST_CASE("UTF-8 passes and what is not UTF-8 is replaced byte by byte", "[base]") {
    CHECK(
        escape_html("caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x90\x98") ==
        "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x90\x98");
    CHECK(escape_html("\xC3") == replaced);
    CHECK(escape_html("\xE2\x82<") == replaced + replaced + "&lt;");
    CHECK(escape_html("\xC0\xBC") == replaced + replaced); // overlong '<'
    CHECK(escape_html("\xFF") == replaced);
}

TEST_CASE("escaping does not depend on where in the text a character stands", "[base]") {
    for (std::size_t before = 0; before < 100; ++before) {
        const std::string plain(before, 'x');
        CAPTURE(before);

        CHECK(escape_html(plain) == plain);
        CHECK(
            escape_html(plain + "<\x1b\xC3\xA9\n" + plain) ==
            plain + "&lt;" + replaced + "\xC3\xA9\n" + plain);
    }
}

TEST_CASE("escaped text is appended to what is there", "[base]") {
    std::string page = "<p>";

    append_html(page, "a & b");

    CHECK(page == "<p>a &amp; b");
}
