#include "jobs/final_jobs.hpp"
#include "support/catch.hpp"

#include <array>

namespace restpoint::jobs {
namespace {

job ended(job_id id, job_state state = job_state::succeeded) {
    job made;
    made.id = id;
    made.state = state;
    return made;
}

} // namespace

TEST_CASE("a final job that was read is there for the next who asks", "[unit][jobs]") {
    final_jobs kept(4);

    kept.put(ended(7, job_state::failed), kept.removals());

    REQUIRE(kept.find(7) != nullptr);
    CHECK(kept.find(7)->state == job_state::failed);
    CHECK(kept.find(8) == nullptr);
}

TEST_CASE("a job that may still change is not kept", "[unit][jobs]") {
    final_jobs kept(4);

    kept.put(ended(1, job_state::queued), kept.removals());
    kept.put(ended(2, job_state::running), kept.removals());

    CHECK(kept.find(1) == nullptr);
    CHECK(kept.find(2) == nullptr);
}

TEST_CASE("the job that was not asked for the longest goes first", "[unit][jobs]") {
    final_jobs kept(3);
    for (const job_id id : {1, 2, 3}) {
        kept.put(ended(id), kept.removals());
    }
    CHECK(kept.find(1) != nullptr);

    kept.put(ended(4), kept.removals());

    CHECK(kept.find(2) == nullptr);
    CHECK(kept.find(1) != nullptr);
    CHECK(kept.find(3) != nullptr);
    CHECK(kept.find(4) != nullptr);
}

TEST_CASE("what is removed is not there any more", "[unit][jobs]") {
    final_jobs kept(4);
    kept.put(ended(1), kept.removals());
    kept.put(ended(2), kept.removals());

    kept.remove(std::array<job_id, 2>{2, 9});

    CHECK(kept.find(2) == nullptr);
    CHECK(kept.find(1) != nullptr);
}

TEST_CASE("a read that began before a removal does not bring back what is gone", "[unit][jobs]") {
    final_jobs kept(4);
    const auto before = kept.removals();
    kept.remove(std::array<job_id, 1>{1});

    kept.put(ended(1), before);

    CHECK(kept.find(1) == nullptr);
    kept.put(ended(2), kept.removals());
    CHECK(kept.find(2) != nullptr);
}

} // namespace restpoint::jobs
