#include "api/job_metrics.hpp"
#include "requests.hpp"
#include "support/catch.hpp"

namespace restpoint::api {
namespace {

jobs::job ended(jobs::job_state state, std::chrono::minutes after, std::chrono::seconds took) {
    auto made = running_backup();
    made.state = state;
    made.started = morning() + after;
    made.finished = *made.started + took;
    return made;
}

std::string text_of(const job_counts& counts, const std::vector<jobs::job>& unfinished = {}) {
    metrics_page page;
    counts.write(page, unfinished);
    return page.text();
}

} // namespace

TEST_CASE("jobs are counted by kind and outcome", "[unit][api]") {
    using enum jobs::job_state;
    job_counts counts;
    counts.count(ended(succeeded, std::chrono::minutes{0}, std::chrono::seconds{10}));
    counts.count(ended(succeeded, std::chrono::minutes{10}, std::chrono::seconds{30}));
    counts.count(ended(failed, std::chrono::minutes{20}, std::chrono::seconds{2}));
    counts.count(ended(cancelled, std::chrono::minutes{30}, std::chrono::seconds{1}));
    auto never_begun = ended(cancelled, std::chrono::minutes{40}, std::chrono::seconds{0});
    never_begun.started.reset();
    counts.count(never_begun);

    const auto text = text_of(counts);
    for (const auto* line : {
             R"(restpoint_jobs_ended_total{kind="backup",state="succeeded"} 2)",
             R"(restpoint_jobs_ended_total{kind="backup",state="failed"} 1)",
             R"(restpoint_jobs_ended_total{kind="backup",state="cancelled"} 2)",
             R"(restpoint_jobs_ended_total{kind="backup",state="interrupted"} 0)",
             R"(restpoint_jobs_ended_total{kind="stanza-create",state="succeeded"} 0)",
             R"(restpoint_job_duration_seconds_count{kind="backup"} 4)",
             R"(restpoint_job_duration_seconds_sum{kind="backup"} 43)",
             R"(restpoint_job_last_success_duration_seconds{kind="backup"} 30)",
             R"(restpoint_job_last_success_timestamp_seconds{kind="backup"} 1795335030)",
             R"(restpoint_job_last_failure_timestamp_seconds{kind="backup"} 1795335602)",
         }) {
        CHECK_THAT(text, ContainsSubstring(std::string(line) + "\n"));
    }
    CHECK_THAT(text, !ContainsSubstring(R"(last_success_timestamp_seconds{kind="check"})"));
}

TEST_CASE("what ended before this process is remembered and not counted", "[unit][api]") {
    using enum jobs::job_state;
    job_counts counts;
    counts.count(ended(succeeded, std::chrono::minutes{60}, std::chrono::seconds{10}));
    counts.remember(ended(succeeded, std::chrono::minutes{0}, std::chrono::seconds{99}));
    counts.remember(ended(interrupted, std::chrono::minutes{5}, std::chrono::seconds{0}));
    counts.remember(ended(failed, std::chrono::minutes{1}, std::chrono::seconds{0}));

    const auto text = text_of(counts);
    CHECK_THAT(text, ContainsSubstring(R"(ended_total{kind="backup",state="succeeded"} 1)"));
    CHECK_THAT(text, ContainsSubstring(R"(ended_total{kind="backup",state="failed"} 0)"));
    CHECK_THAT(text, ContainsSubstring(R"(last_success_duration_seconds{kind="backup"} 10)"));
    CHECK_THAT(
        text, ContainsSubstring(R"(last_failure_timestamp_seconds{kind="backup"} 1795334700)"));
}

TEST_CASE("what waits and what runs is counted apart", "[unit][api]") {
    auto waits = running_backup();
    waits.state = jobs::job_state::queued;
    auto check = running_backup();
    check.spec.kind = jobs::job_kind::check;

    const auto text = text_of({}, {running_backup(), waits, waits, check});

    CHECK_THAT(text, ContainsSubstring(R"(unfinished{kind="backup",state="running"} 1)"));
    CHECK_THAT(text, ContainsSubstring(R"(unfinished{kind="backup",state="queued"} 2)"));
    CHECK_THAT(text, ContainsSubstring(R"(unfinished{kind="check",state="running"} 1)"));
    CHECK_THAT(text, ContainsSubstring(R"(unfinished{kind="verify",state="running"} 0)"));
}

} // namespace restpoint::api
