#include "postgres/stop_notes.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace restpoint;
using namespace restpoint::postgres;
using namespace std::chrono_literals;

TEST_CASE("a stop that waits for its archiver says so and what may be done", "[postgres]") {
    const std::vector<std::string> titles{
        "postgres: checkpointer ", "postgres: archiver archiving 000000010000000000000007",
        "sh -c sleep 1000"};

    const auto why = stop_took_too_long("fast", 61500ms, titles);

    CHECK(why.code == errc::timed_out);
    CHECK(
        why.detail ==
        "PostgreSQL has not ended 61.5 s after it was told to stop (mode fast); still there: its "
        "checkpointer , its archiver archiving 000000010000000000000007, the command 'sh -c sleep "
        "1000'");
    CHECK_THAT(why.hint, ContainsSubstring("archive command hangs"));
    CHECK_THAT(why.hint, ContainsSubstring("immediate"));
}

TEST_CASE("a stop that waits for something else is not laid to the archiver", "[postgres]") {
    const auto why = stop_took_too_long(
        "immediate", 500ms,
        std::vector<std::string>{
            "postgres: main: walsender replicator [local] streaming 0/7000000",
            "postgres: main: alice shop [local] COMMIT"});

    CHECK_THAT(
        why.detail,
        EndsWith("its walsender replicator [local] streaming 0/7000000, 1 other process"));
    CHECK_THAT(why.hint, !ContainsSubstring("archive"));
}

TEST_CASE("the name of a cluster hides no process of a stop", "[postgres]") {
    CHECK(waits_for_archiving(std::vector<std::string>{"postgres: main: archiver "}));
    CHECK(waits_for_archiving(std::vector<std::string>{"x", "postgres: archiver"}));
    CHECK_FALSE(waits_for_archiving(std::vector<std::string>{"archiver", "postgres: alice x"}));
}

TEST_CASE("where no process is seen nothing is said about them", "[postgres]") {
    CHECK(what_holds_a_stop({}).empty());
    CHECK(
        stop_took_too_long("fast", 1s, {}).detail ==
        "PostgreSQL has not ended 1.0 s after it was told to stop (mode fast)");
    CHECK(
        what_holds_a_stop(std::vector<std::string>{"postgres: a", "postgres: b"}) ==
        "still there: 2 other processes");
}
