#include "jobs/exclusion.hpp"
#include "support/catch.hpp"

#include <vector>

using namespace restpoint::jobs;

namespace {

job make(job_id id, job_kind kind, job_state state = job_state::queued) {
    job made;
    made.id = id;
    made.spec.kind = kind;
    made.spec.stanza = "main";
    made.state = state;
    return made;
}

} // namespace

TEST_CASE("a job waits for the earlier ones that exclude it, and for no others", "[jobs]") {
    const auto mine = make(5, job_kind::backup);

    CHECK(
        ahead_of(std::vector{make(4, job_kind::backup, job_state::running), mine}, mine)->id == 4);
    CHECK(ahead_of(std::vector{make(4, job_kind::expire), mine}, mine)->id == 4);
    CHECK(
        ahead_of(std::vector{make(4, job_kind::check, job_state::running), mine}, mine) == nullptr);
    CHECK(
        ahead_of(std::vector{mine, make(6, job_kind::backup, job_state::running)}, mine) ==
        nullptr);
    CHECK(
        ahead_of(std::vector{make(4, job_kind::backup, job_state::failed), mine}, mine) == nullptr);
}

TEST_CASE("another stanza's job is not waited for", "[jobs]") {
    auto other = make(4, job_kind::backup, job_state::running);
    other.spec.stanza = "other";

    CHECK(ahead_of(std::vector{other}, make(5, job_kind::backup)) == nullptr);
}
