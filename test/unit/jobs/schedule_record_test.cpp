#include "jobs/schedule_record.hpp"
#include "support/catch.hpp"

using namespace restpoint::jobs;

TEST_CASE("what became of a due time has a word that reads back", "[unit][jobs]") {
    const auto [outcome, word] = GENERATE(table<run_outcome, std::string>({
        {run_outcome::started, "started"},
        {run_outcome::superseded, "superseded"},
        {run_outcome::missed, "missed"},
        {run_outcome::standby, "standby"},
        {run_outcome::paused, "paused"},
        {run_outcome::left, "left"},
        {run_outcome::failed, "failed"},
    }));

    CHECK(to_string(outcome) == word);
    CHECK(parse_run_outcome(word) == outcome);
}

TEST_CASE("no other word is what became of a due time", "[unit][jobs]") {
    const auto* const word = GENERATE("", "Started", "started ", "unknown", "queued");

    CHECK_FALSE(parse_run_outcome(word));
}

TEST_CASE("a job tells whether a schedule asked for it", "[unit][jobs]") {
    job what;
    what.requested_by = requested_by_schedule("nightly full");
    CHECK(what.requested_by == "schedule nightly full");
    CHECK(is_scheduled(what));

    for (const auto* other :
         {"", "schedule", "scheduler x", "http 127.0.0.1", "start", "http schedule nightly"}) {
        CAPTURE(other);
        what.requested_by = other;
        CHECK_FALSE(is_scheduled(what));
    }
}
