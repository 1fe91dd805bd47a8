#include "api/json_text.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>

#include <limits>

using restpoint::api::to_text;
namespace json = boost::json;

TEST_CASE("numbers are written as people write them", "[api]") {
    CHECK(to_text(81.25) == "81.25");
    CHECK(to_text(0.0) == "0");
    CHECK(to_text(std::uint64_t{7710882128658008358}) == "7710882128658008358");
    CHECK(to_text(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
    CHECK(to_text(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
    CHECK(to_text(std::numeric_limits<double>::quiet_NaN()) == "null");
}

TEST_CASE("text is quoted, and what would end or break it is escaped", "[api]") {
    CHECK(to_text("plain, é and /") == R"("plain, é and /")");
    CHECK(to_text("") == R"("")");
    for (int c = 0; c < 128; ++c) {
        const std::string text{'a', static_cast<char>(c), 'b'};
        CAPTURE(c);
        CHECK(json::parse(to_text(json::value(json::string(text)))).as_string() == text);
        CHECK(json::parse(to_text(json::value{{text, 1}})).as_object().contains(text));
    }
}

TEST_CASE("what is written is read back", "[api]") {
    const auto value = json::parse(
        R"({"a":[1,-2,0.1,"\u0000\"<é",null,true],"b":{},"c":[],"d":{"e":1e300,"f\n":[[]]}})");

    CHECK(json::parse(to_text(value)) == value);
}
