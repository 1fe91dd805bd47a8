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
    CHECK(to_text(std::numeric_limits<double>::quiet_NaN()) == "null");
}

TEST_CASE("what is written is read back", "[api]") {
    const auto value = json::parse(
        R"({"a":[1,-2,0.1,"\u0000\"<é",null,true],"b":{},"c":[],"d":{"e":1e300,"f\n":[[]]}})");

    CHECK(json::parse(to_text(value)) == value);
}
