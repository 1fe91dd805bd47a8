#include "backrest/repo_listing.hpp"
#include "support/catch.hpp"

using namespace restpoint;
using namespace restpoint::backrest;

TEST_CASE("the files and folders of a repo's folder are told", "[unit][backrest]") {
    const auto found = parse_repo_listing(R"({".":{"type":"path"},"2026-11-23":{"type":"path"},)"
                                          R"("a_b":{"type":"file","size":48,"time":1795399696}})");

    REQUIRE(found);
    CHECK(*found == std::vector<repo_entry>{{"2026-11-23", true, 0}, {"a_b", false, 1795399696}});
}

TEST_CASE("a folder that is not there has nothing in it", "[unit][backrest]") {
    CHECK(parse_repo_listing(R"({".":{"type":"path"}})").value().empty());
    CHECK(parse_repo_listing("{}").value().empty());
}

TEST_CASE("what is odd in a listing is taken as it comes", "[unit][backrest]") {
    const auto found = parse_repo_listing(
        R"({"a":1,"b":{},"c":{"type":"link","time":"yesterday"},"d":{"type":"file","time":-1}})");

    REQUIRE(found);
    CHECK(*found == std::vector<repo_entry>{{"b", false, 0}, {"c", false, 0}, {"d", false, -1}});
}

TEST_CASE("what is no listing is refused", "[unit][backrest]") {
    const auto* const text = GENERATE("", "[]", "{", "nothing", R"({"a":{}} x)");

    const auto found = parse_repo_listing(text);

    REQUIRE_FALSE(found);
    CHECK(found.error().code == errc::invalid);
}
