#include "jobs/output_of.hpp"
#include "support/catch.hpp"

using namespace restpoint;
using namespace restpoint::jobs;

namespace {

failure refused(process::captured ended) {
    return output_of("repo-ls", std::move(ended)).error();
}

} // namespace

TEST_CASE("a command that ended well is what it printed", "[jobs]") {
    CHECK(output_of("info", process::captured{.exit_code = 0, .out = "[]"}).value() == "[]");
}

TEST_CASE("a command that could not be run says why", "[jobs]") {
    const failure missing{errc::not_found, "no such program", "install it"};

    CHECK(output_of("info", missing).error() == missing);
}

TEST_CASE("a command that failed is told in its own words", "[jobs]") {
    const auto why = refused({.exit_code = 55, .err = "ERROR: [055]: no such file\n\n"});

    CHECK(why.code == errc::unavailable);
    CHECK(why.detail == "pgbackrest repo-ls failed: ERROR: [055]: no such file");
    CHECK_FALSE(why.hint.empty());
    CHECK_THAT(refused({.exit_code = 55, .out = "said\n"}).detail, EndsWith(": said"));
}

TEST_CASE("a command that failed without a word is told by its code", "[jobs]") {
    CHECK_THAT(refused({.exit_code = 53}).detail, ContainsSubstring("failed: [053]: "));
    CHECK_THAT(refused({}).detail, ContainsSubstring("failed: [125]: "));
}

TEST_CASE("a command that a signal ended is told by the signal", "[jobs]") {
    CHECK(refused({.signal = 9}).detail == "pgbackrest repo-ls was ended by signal 9");
}

TEST_CASE("a store that cannot be reached has a hint of its own", "[jobs]") {
    const auto why = refused(
        {.exit_code = 49,
         .err = "ERROR: [049]: unable to connect to 'store:443': [111] Connection refused\n"});

    CHECK_THAT(why.detail, EndsWith("'store:443': [111] Connection refused"));
    CHECK_THAT(why.hint, ContainsSubstring("PostgreSQL keeps its WAL"));
}
