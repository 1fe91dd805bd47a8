#include "client/exit_code.hpp"
#include "support/catch.hpp"

using namespace restpoint::client;

TEST_CASE("the outcome of a job decides the exit code", "[unit][client]") {
    CHECK(exit_code_of("succeeded") == exit_code::good);
    CHECK(exit_code_of("failed") == exit_code::failed);
    CHECK(exit_code_of("cancelled") == exit_code::stopped);
    CHECK(exit_code_of("interrupted") == exit_code::stopped);
}

TEST_CASE("an outcome that nobody knows is no success", "[unit][client]") {
    CHECK(exit_code_of("running") == exit_code::failed);
    CHECK(exit_code_of("") == exit_code::failed);
}
