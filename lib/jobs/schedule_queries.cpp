#include "jobs/schedule_queries.hpp"

#include "jobs/job_row.hpp"
#include "jobs/merging.hpp"
#include "jobs/store_queries.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace restpoint::jobs {

namespace {

result<> raise_covered(database& db, const std::string& schedule, wall_time due) {
    auto query = db.prepare("update schedule_memory set covered_us = ? where schedule = ?");
    if (!query) {
        return query.error();
    }
    query->bind(to_microseconds(due)).bind(schedule);
    return query->finish();
}

result<> write_run(database& db, const schedule_run& what) {
    auto query = db.prepare("insert or replace into schedule_runs"
                            " (schedule, due_us, outcome, late, job, reason, left_to, recorded_us)"
                            " values (?, ?, ?, ?, ?, ?, ?, ?)");
    if (!query) {
        return query.error();
    }
    query->bind(what.schedule).bind(to_microseconds(what.due)).bind(to_string(what.outcome));
    query->bind(static_cast<std::int64_t>(what.late)).bind(what.job).bind(what.reason);
    query->bind(what.left_to).bind(to_microseconds(what.recorded));
    return query->finish();
}

result<> write_run_and_cover(database& db, const schedule_run& what) {
    if (auto written = write_run(db, what); !written) {
        return written;
    }
    return raise_covered(db, what.schedule, what.due);
}

/// `conflict` when the due time is settled, by what is remembered or by a run. A row that says why
/// nothing ran may be a wrong clock's, written before its time had come, and settles nothing.
result<> refuse_covered(database& db, const schedule_run& what) {
    auto query = db.prepare(
        "select exists (select 1 from schedule_memory where schedule = ?1 and covered_us >= ?2)"
        " or exists (select 1 from schedule_runs where schedule = ?1 and due_us = ?2"
        " and outcome in ('started', 'superseded'))");
    if (!query) {
        return query.error();
    }
    query->bind(what.schedule).bind(to_microseconds(what.due));
    auto row = query->step();
    if (!row) {
        return row.error();
    }
    if (query->integer() == 0) {
        return {};
    }
    return failure{
        errc::conflict,
        fmt::format("the schedule '{}' is past {} already", what.schedule, rfc3339(what.due))};
}

/// The last row of `waited`, and `by` for it in the runs that it stood for.
result<> hand_over(database& db, job waited, const job& by, wall_time now) {
    jobs::supersede(waited, by.id, by.spec, now);
    if (auto ended = update_job(db, waited); !ended) {
        return ended;
    }
    auto query =
        db.prepare("update schedule_runs set outcome = ?, job = ?, reason = ? where job = ?");
    if (!query) {
        return query.error();
    }
    query->bind(to_string(run_outcome::superseded)).bind(by.id);
    query->bind(stand_in_reason(by.id, by.spec)).bind(waited.id);
    return query->finish();
}

/// Does `what` in a transaction: all or nothing.
template <class Work>
result<> as_one(database& db, const Work& what) {
    transaction all(db);
    if (auto begun = all.begin(); !begun) {
        return begun;
    }
    if (auto done = what(); !done) {
        return done;
    }
    return all.commit();
}

result<schedule_run> read_run(statement& from) {
    schedule_run read;
    read.schedule = from.text();
    read.due = from_microseconds(from.integer());
    const auto outcome = from.text();
    read.late = from.integer() != 0;
    read.job = from.optional_integer();
    read.reason = from.text();
    read.left_to = from.text();
    read.recorded = from_microseconds(from.integer());
    const auto known = parse_run_outcome(outcome);
    if (!known) {
        return failure{
            errc::unusable_state,
            fmt::format(
                "a run of the schedule '{}' has the outcome '{}', which this program does not know",
                read.schedule, outcome),
            "was the database changed by hand, or by another version?"};
    }
    read.outcome = *known;
    return read;
}

} // namespace

result<std::optional<schedule_memory>> recall(database& db, const std::string& schedule) {
    auto query = db.prepare(
        "select schedule, fingerprint, covered_us from schedule_memory where schedule = ?");
    if (!query) {
        return query.error();
    }
    query->bind(schedule);
    auto row = query->step();
    if (!row) {
        return row.error();
    }
    if (!*row) {
        return std::optional<schedule_memory>();
    }
    schedule_memory read;
    read.schedule = query->text();
    read.fingerprint = query->text();
    read.covered = from_microseconds(query->integer());
    return std::optional(std::move(read));
}

result<> remember(database& db, const schedule_memory& what) {
    auto query = db.prepare("insert or replace into schedule_memory"
                            " (schedule, fingerprint, covered_us) values (?, ?, ?)");
    if (!query) {
        return query.error();
    }
    query->bind(what.schedule).bind(what.fingerprint).bind(to_microseconds(what.covered));
    return query->finish();
}

result<> forget_all_but(database& db, const std::vector<std::string>& schedules) {
    std::string placeholders;
    for (std::size_t i = 0; i < schedules.size(); ++i) {
        placeholders += i == 0 ? "?" : ",?";
    }
    for (const auto* table : {"schedule_memory", "schedule_pauses"}) {
        auto query = db.prepare(
            fmt::format("delete from {} where schedule not in ({})", table, placeholders));
        if (!query) {
            return query.error();
        }
        for (const auto& schedule : schedules) {
            query->bind(schedule);
        }
        if (auto done = query->finish(); !done) {
            return done;
        }
    }
    return {};
}

result<> settle_run(database& db, const schedule_run& what) {
    return as_one(db, [&]() -> result<> {
        if (auto open = refuse_covered(db, what); !open) {
            return open;
        }
        return write_run_and_cover(db, what);
    });
}

result<job_id> insert_scheduled(
    database& db, const job& what, schedule_run as, const std::optional<job>& superseded) {
    job fresh = what;
    const auto done = as_one(db, [&]() -> result<> {
        if (auto open = refuse_covered(db, as); !open) {
            return open;
        }
        const auto id = insert_job(db, fresh);
        if (!id) {
            return id.error();
        }
        fresh.id = *id;
        as.job = *id;
        if (auto written = write_run_and_cover(db, as); !written) {
            return written;
        }
        if (!superseded) {
            return {};
        }
        auto ended = hand_over(db, *superseded, fresh, fresh.created);
        // No row that could still change: nothing to end, and no reason to refuse the new job.
        const bool has_ended = !ended && (ended.error().code == errc::conflict ||
                                          ended.error().code == errc::not_found);
        return has_ended ? result<>{} : ended;
    });
    if (!done) {
        return done.error();
    }
    return fresh.id;
}

result<> supersede(database& db, const job& waited, const job& by, wall_time now) {
    return as_one(db, [&] { return hand_over(db, waited, by, now); });
}

result<std::vector<schedule_run>> schedule_runs(
    database& db, const std::string& schedule, int limit) {
    auto query =
        db.prepare("select schedule, due_us, outcome, late, job, reason, left_to, recorded_us"
                   " from schedule_runs where schedule = ? order by due_us desc limit ?");
    if (!query) {
        return query.error();
    }
    query->bind(schedule).bind(std::int64_t{std::clamp(limit, 1, 500)});
    std::vector<schedule_run> runs;
    for (;;) {
        auto row = query->step();
        if (!row) {
            return row.error();
        }
        if (!*row) {
            return runs;
        }
        auto read = read_run(*query);
        if (!read) {
            return read.error();
        }
        runs.push_back(std::move(*read));
    }
}

} // namespace restpoint::jobs
