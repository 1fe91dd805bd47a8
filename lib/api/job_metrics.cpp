#include "api/job_metrics.hpp"

#include <algorithm>
#include <string>

namespace restpoint::api {
namespace {

using jobs::job_state;

metric_labels kind_label(jobs::job_kind kind) {
    return {{"kind", std::string(to_string(kind))}};
}

std::optional<double> duration_of(const jobs::job& ended) {
    if (!ended.started || !ended.finished) {
        return std::nullopt;
    }
    return std::max(0.0, std::chrono::duration<double>(*ended.finished - *ended.started).count());
}

double timestamp(wall_time t) {
    return std::chrono::duration<double>(t.time_since_epoch()).count();
}

} // namespace

void job_counts::count(const jobs::job& ended) {
    auto& of_kind = kinds_[ended.spec.kind];
    ++of_kind.ended[ended.state];
    if (const auto took = duration_of(ended)) {
        ++of_kind.timed;
        of_kind.seconds += *took;
    }
    remember(ended);
}

void job_counts::remember(const jobs::job& ended) {
    auto& of_kind = kinds_[ended.spec.kind];
    const auto when = ended.finished.value_or(ended.created);
    if (ended.state == job_state::succeeded) {
        if (!of_kind.success || when >= *of_kind.success) {
            of_kind.success = when;
            of_kind.last_duration = duration_of(ended).value_or(0);
        }
    } else if (ended.state == job_state::failed || ended.state == job_state::interrupted) {
        of_kind.failure = std::max(of_kind.failure.value_or(when), when);
    }
}

void job_counts::write_outcomes(metrics_page& page, jobs::job_kind kind, const figures& of_kind) {
    for (const auto state :
         {job_state::succeeded, job_state::failed, job_state::cancelled, job_state::interrupted}) {
        auto labels = kind_label(kind);
        labels.emplace_back("state", std::string(to_string(state)));
        const auto found = of_kind.ended.find(state);
        page.counter(
            "restpoint_jobs_ended_total", "Jobs that ended since this process began.",
            found == of_kind.ended.end() ? 0 : static_cast<double>(found->second), labels);
    }
    page.summary(
        "restpoint_job_duration_seconds",
        "How long jobs took that ended since this process began, from their start.", of_kind.timed,
        of_kind.seconds, kind_label(kind));
    if (of_kind.success) {
        page.gauge(
            "restpoint_job_last_success_timestamp_seconds", "When a job last succeeded.",
            timestamp(*of_kind.success), kind_label(kind));
        page.gauge(
            "restpoint_job_last_success_duration_seconds",
            "How long the job took that succeeded last.", of_kind.last_duration, kind_label(kind));
    }
    if (of_kind.failure) {
        page.gauge(
            "restpoint_job_last_failure_timestamp_seconds",
            "When a job last failed or was interrupted.", timestamp(*of_kind.failure),
            kind_label(kind));
    }
}

void job_counts::write(metrics_page& page, std::span<const jobs::job> unfinished) const {
    for (const auto kind : counted_kinds) {
        for (const auto state : {job_state::queued, job_state::running}) {
            auto labels = kind_label(kind);
            labels.emplace_back("state", std::string(to_string(state)));
            const auto found = std::ranges::count_if(unfinished, [&](const jobs::job& one) {
                return one.spec.kind == kind && one.state == state;
            });
            page.gauge(
                "restpoint_jobs_unfinished", "Jobs that wait or run.", static_cast<double>(found),
                labels);
        }
        const auto known = kinds_.find(kind);
        write_outcomes(page, kind, known == kinds_.end() ? figures{} : known->second);
    }
}

} // namespace restpoint::api
