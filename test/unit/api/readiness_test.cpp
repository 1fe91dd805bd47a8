#include "api/readiness.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>

namespace restpoint::api {
namespace {

const std::vector<readiness_check> good{{"store"}, {"pgbackrest"}};
const std::vector<readiness_check> bad{
    {"store", failure{errc::unusable_state, "the disk of '/x' is full", "make room"}},
    {"pgbackrest", failure{errc::unavailable, "no answer \xFF"}}};

} // namespace

TEST_CASE("ready is who lacks nothing", "[unit][api]") {
    CHECK(is_ready(good));
    CHECK_FALSE(is_ready(bad));
    CHECK_FALSE(is_ready({good[0], bad[1]}));
}

TEST_CASE("readiness as text has a line for each part", "[unit][api]") {
    CHECK(readiness_text(good) == "[+] store\n[+] pgbackrest\nready\n");
    CHECK(
        readiness_text(bad) == "[-] store: the disk of '/x' is full (make room)\n"
                               "[-] pgbackrest: no answer \uFFFD\nnot ready\n");
}

TEST_CASE("readiness as JSON names what is missing", "[unit][api]") {
    const auto told = boost::json::parse(readiness_json(bad)).as_object();

    CHECK(told.at("ready") == false);
    REQUIRE(told.at("reasons").as_array().size() == 2);
    const auto& reason = told.at("reasons").at(0).as_object();
    CHECK(reason.at("check") == "store");
    CHECK(reason.at("code") == "unusable_state");
    CHECK(reason.at("detail") == "the disk of '/x' is full");
    CHECK(reason.at("hint") == "make room");
    CHECK(readiness_json(good) == R"({"ready":true,"reasons":[]})");
}

} // namespace restpoint::api
