#include "base/utf8.hpp"
#include "support/catch.hpp"

using namespace restpoint;

TEST_CASE("sequences of every length are measured", "[base]") {
    CHECK(utf8_sequence("a") == 1);
    CHECK(utf8_sequence("\xC3\xA9x") == 2);
    CHECK(utf8_sequence("\xE2\x82\xACx") == 3);
    CHECK(utf8_sequence("\xF0\x9F\x98\x80x") == 4);
    CHECK(utf8_sequence("\xF4\x8F\xBF\xBF") == 4); // U+10FFFF
    CHECK(utf8_sequence("\xED\x9F\xBF") == 3);     // U+D7FF
    CHECK(utf8_sequence("\xE0\xA0\x80") == 3);     // U+0800
    CHECK(utf8_sequence("\xF0\x90\x80\x80") == 4); // U+10000
}

TEST_CASE("what RFC 3629 forbids is no sequence", "[base]") {
    for (const auto* text :
         {"", "\x80", "\xBF", "\xC0\xAF", "\xC1\xBF", "\xC3", "\xC3x", "\xE2\x82", "\xE2\x82x",
          "\xE2x\x80", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
          "\xF0\x9F\x98", "\xF0\x9F\x98x", "\xF5\x80\x80\x80", "\xFE", "\xFF"}) {
        CAPTURE(std::string(text));
        CHECK(utf8_sequence(text) == 0);
    }
}

TEST_CASE("C0, DEL and C1 are control characters", "[base]") {
    CHECK(starts_with_control(std::string_view("\0", 1)));
    CHECK(starts_with_control("\x1F"));
    CHECK(starts_with_control("\x7F"));
    CHECK(starts_with_control("\xC2\x80"));
    CHECK(starts_with_control("\xC2\x9F"));
    CHECK_FALSE(starts_with_control(" "));
    CHECK_FALSE(starts_with_control("\xC2\xA0"));
    CHECK_FALSE(starts_with_control("\xC3\x80"));
}

TEST_CASE("text is made presentable byte for byte", "[base]") {
    CHECK(presentable("caf\xC3\xA9\n\tx", 100) == "caf\xC3\xA9\n\tx");
    CHECK(presentable("caf\xE9 \x1B[31m\x7F", 100) == "caf? ?[31m?");
    CHECK(presentable("a\xC2\x85z", 100) == "a?z");
    CHECK(presentable("", 100).empty());
}

TEST_CASE("presentable text is cut at the end of a sequence", "[base]") {
    CHECK(presentable("a\xC3\xA9", 2) == "a");
    CHECK(presentable("a\xC3\xA9", 3) == "a\xC3\xA9");
    CHECK(presentable("abc", 0).empty());
}

TEST_CASE("scrubbed text is UTF-8 and otherwise the same", "[base]") {
    CHECK(scrub_utf8("<\r\xC3\xA9\xFF>") == "<\r\xC3\xA9\uFFFD>");
}

TEST_CASE("only the beginning of a character is held back", "[base]") {
    CHECK(whole_characters("") == 0);
    CHECK(whole_characters("abc") == 3);
    CHECK(whole_characters("a\u20AC") == 4);
    CHECK(whole_characters("a\xE2\x82") == 1);
    CHECK(whole_characters("a\xF0\x9F\x90") == 1);
    CHECK(whole_characters("a\xC3") == 1);
    CHECK(whole_characters("a\x80\x80\x80") == 4);
}
