#include "backrest/version.hpp"
#include "support/catch.hpp"

using namespace restpoint::backrest;

TEST_CASE("a version is read as pgBackRest writes it", "[backrest]") {
    CHECK(parse_version("pgBackRest 2.45") == program_version{2, 45, 0});
    CHECK(parse_version("pgBackRest 2.45\n") == program_version{2, 45, 0});
    CHECK(parse_version("pgBackRest 2.59.1\n") == program_version{2, 59, 1});
    CHECK(parse_version("pgBackRest 2.60dev\n") == program_version{2, 60, 0});
    CHECK(parse_version("pgBackRest 2.59.1dev") == program_version{2, 59, 1});
    CHECK(parse_version("pgBackRest 2.08") == program_version{2, 8, 0});
}

TEST_CASE("what is no version is refused", "[backrest]") {
    for (const auto* text :
         {"", "2.45", "pgBackRest", "pgBackRest ", "pgBackRest 2", "pgBackRest 2.",
          "pgBackRest .45", "pgBackRest 2.45.", "pgBackRest 2.45beta", "pgBackRest 2.45 x",
          "pgbackrest 2.45", " pgBackRest 2.45", "pgBackRest -2.45", "pgBackRest 2.-45",
          "pgBackRest 2.45.-1", "pgBackRest 99999.1", "pgBackRest 2.99999999999999999999",
          "pgBackRest 2.45.1.2", "pgBackRest 2.45\nmore"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_version(text));
    }
}

TEST_CASE("a version is written without a patch of zero", "[backrest]") {
    CHECK(to_string(program_version{2, 45, 0}) == "2.45");
    CHECK(to_string(program_version{2, 59, 1}) == "2.59.1");
}

TEST_CASE("versions are ordered by number, not by text", "[backrest]") {
    CHECK(program_version{2, 9, 0} < program_version{2, 45, 0});
    CHECK(program_version{2, 59, 0} < program_version{2, 59, 1});
    CHECK(oldest_supported == program_version{2, 45, 0});
}

TEST_CASE("each feature begins with its version", "[backrest]") {
    const auto has = [](int minor, bool features::* feature) {
        return features_of({2, minor, 0}).*feature;
    };
    const std::pair<int, bool features::*> first[] = {
        {48, &features::running_sizes_in_info},
        {53, &features::concurrent_repos},
        {55, &features::verify_set},
        {55, &features::timeline_precheck},
        {56, &features::restore_progress_in_info}};
    for (const auto& [minor, feature] : first) {
        CAPTURE(minor);
        CHECK_FALSE(has(minor - 1, feature));
        CHECK(has(minor, feature));
        CHECK(has(minor + 1, feature));
    }
    CHECK(features_of({3, 0, 0}).verify_set);
}
