#include "base/log_text.hpp"
#include "support/catch.hpp"

namespace restpoint::log {

TEST_CASE("what steers a terminal stands in the log as an escape", "[unit][base]") {
    CHECK(quoted("a\u009b2Jb") == R"("a\u009b2Jb")");
    CHECK(quoted("\u0080\u009f") == R"("\u0080\u009f")");
    CHECK(quoted("\x1b[2J\x7f\b\r\n") == R"("\u001b[2J\u007f\u0008\r\n")");
    CHECK(shown_value("a\u009b2Jb") == R"("a\u009b2Jb")");
    CHECK(shown_value("a\x7f") == R"("a\u007f")");
    CHECK(shown_value("a\b") == R"("a\u0008")");
    CHECK(shown_message("no \u009b2J job") == R"("no \u009b2J job")");
}

TEST_CASE("what turns the text around it stands in the log as an escape", "[unit][base]") {
    CHECK(quoted("\u2028\u202a\u202e") == R"("\u2028\u202a\u202e")");
    CHECK(quoted("\u2066\u2069") == R"("\u2066\u2069")");
    CHECK(shown_value("/x\u202e/gnp") == R"("/x\u202e/gnp")");
}

TEST_CASE("the neighbours of what is escaped stay", "[unit][base]") {
    for (const auto* const text :
         {"\u00a0", "\u00e9", "\u2027", "\u202f", "\u2065", "\u206a", "\u20ac", "\U0001f600"}) {
        CHECK(quoted(text) == std::string("\"") + text + '"');
        CHECK(shown_value(text) == text);
        CHECK(shown_message(text) == text);
    }
}

TEST_CASE("bytes that are not UTF-8 do not reach the log", "[unit][base]") {
    CHECK(
        quoted("a\x9b"
               "b") == "\"a\uFFFDb\"");
    CHECK(shown_value("\xc2") == "\"\uFFFD\"");
}

TEST_CASE("a value has quotes where its end would be blurred", "[unit][base]") {
    CHECK(shown_value("main") == "main");
    CHECK(shown_value("") == "\"\"");
    CHECK(shown_value("two words") == "\"two words\"");
    CHECK(shown_value("a=b") == "\"a=b\"");
    CHECK(shown_value("a\"b\\") == R"("a\"b\\")");
    CHECK(shown_message("two words: a=b") == "two words: a=b");
}

} // namespace restpoint::log
