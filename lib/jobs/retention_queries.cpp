#include "jobs/retention_queries.hpp"

#include "jobs/job_row.hpp"

#include <fmt/format.h>

namespace restpoint::jobs {

namespace {

constexpr std::string_view columns = "id, kind, stanza, state, coalesce(finished_us, created_us),"
                                     " case when log_removed_us is null then log_bytes else 0 end";

result<kept_job> read_kept(statement& from) {
    kept_job read;
    read.id = from.integer();
    const auto kind = from.text();
    read.stanza = from.text();
    const auto state = from.text();
    read.ended = from_microseconds(from.integer());
    read.log_bytes = static_cast<std::uint64_t>(from.integer());
    const auto known_kind = parse_job_kind(kind);
    const auto known_state = parse_job_state(state);
    if (!known_kind || !known_state) {
        return failure{
            errc::unusable_state,
            fmt::format(
                "job {} has the kind '{}' and the state '{}', and one of them is not known to this "
                "program",
                read.id, kind, state),
            "was the database changed by hand, or by another version?"};
    }
    read.kind = *known_kind;
    read.state = *known_state;
    return read;
}

result<std::vector<kept_job>> read_all(statement& query) {
    std::vector<kept_job> all;
    for (;;) {
        auto row = query.step();
        if (!row) {
            return row.error();
        }
        if (!*row) {
            return all;
        }
        auto read = read_kept(query);
        if (!read) {
            return read.error();
        }
        all.push_back(std::move(*read));
    }
}

/// The first column of the first row, bound to one or two words; none without a row or a value.
result<std::optional<std::string>> first_word(
    database& db, std::string_view sql, const std::string& first,
    const std::optional<std::string>& second = {}) {
    auto query = db.prepare(sql);
    if (!query) {
        return query.error();
    }
    query->bind(first);
    if (second) {
        query->bind(*second);
    }
    auto row = query->step();
    if (!row) {
        return row.error();
    }
    return *row ? query->optional_text() : std::nullopt;
}

/// The newest job of each state of a stanza and kind. Four looks into an index; grouping in SQL
/// would read every entry of it.
result<> add_newest(
    database& db, const std::string& stanza, const std::string& kind,
    std::vector<kept_job>& newest) {
    for (const auto state :
         {job_state::succeeded, job_state::failed, job_state::cancelled, job_state::interrupted}) {
        auto query = db.prepare("select id, kind, stanza, state, 0, 0 from jobs"
                                " where stanza = ? and kind = ? and state = ?"
                                " order by id desc limit 1");
        if (!query) {
            return query.error();
        }
        query->bind(stanza).bind(kind).bind(to_string(state));
        auto found = read_all(*query);
        if (!found) {
            return found.error();
        }
        newest.insert(newest.end(), found->begin(), found->end());
    }
    return {};
}

/// From the same moment as the page: what ends a moment later must not take a place in it.
result<std::set<job_id>> read_always_kept(database& db) {
    std::vector<kept_job> newest;
    std::string stanza;
    for (;;) {
        const auto next = first_word(db, "select min(stanza) from jobs where stanza > ?", stanza);
        if (!next) {
            return next.error();
        }
        if (!*next) {
            return always_kept(newest);
        }
        stanza = **next;
        std::string kind;
        for (;;) {
            const auto other = first_word(
                db, "select min(kind) from jobs where stanza = ? and kind > ?", stanza, kind);
            if (!other) {
                return other.error();
            }
            if (!*other) {
                break;
            }
            kind = **other;
            if (auto added = add_newest(db, stanza, kind, newest); !added) {
                return added.error();
            }
        }
    }
}

/// The page of a query whose values are bound.
result<retention_page> read_page(database& db, statement& query) {
    retention_page page;
    auto jobs = read_all(query);
    if (!jobs) {
        return jobs.error();
    }
    page.jobs = std::move(*jobs);
    if (page.jobs.empty()) {
        return page;
    }
    auto always = read_always_kept(db);
    if (!always) {
        return always.error();
    }
    page.always = std::move(*always);
    return page;
}

/// Does `sql` for each id, all or nothing.
template <class Bind>
result<> for_each(
    database& db, std::string_view sql, const std::vector<job_id>& ids, const Bind& bind) {
    transaction all(db);
    if (auto begun = all.begin(); !begun) {
        return begun;
    }
    for (const auto id : ids) {
        auto query = db.prepare(sql);
        if (!query) {
            return query.error();
        }
        bind(*query, id);
        if (auto done = query->finish(); !done) {
            return done.error();
        }
    }
    return all.commit();
}

} // namespace

result<std::optional<wall_time>> newest_time(database& db) {
    auto query =
        db.prepare("select max(at) from ("
                   "select max(coalesce(finished_us, started_us, created_us)) as at from"
                   " (select * from jobs order by id desc limit 100)"
                   " union all select at_us from (select * from audit order by id desc limit 1))");
    if (!query) {
        return query.error();
    }
    auto row = query->step();
    if (!row) {
        return row.error();
    }
    const auto at = query->optional_integer();
    return at ? std::optional(from_microseconds(*at)) : std::nullopt;
}

result<retention_page> jobs_ended_before(
    database& db, wall_time before, const retention_cursor& after, int limit) {
    auto query = db.prepare(fmt::format(
        "select {} from jobs where state not in ('queued', 'running') and finished_us < ?1"
        " and (finished_us, id) > (?2, ?3) order by finished_us, id limit ?4",
        columns));
    if (!query) {
        return query.error();
    }
    query->bind(to_microseconds(before)).bind(to_microseconds(after.ended)).bind(after.id);
    query->bind(std::int64_t{limit});
    return read_page(db, *query);
}

result<retention_page> jobs_with_logs(database& db, job_id after, int limit) {
    std::uint64_t total = 0;
    {
        auto query = db.prepare("select coalesce(sum(log_bytes), 0) from jobs"
                                " where log_removed_us is null and log_bytes > 0");
        if (!query) {
            return query.error();
        }
        if (auto row = query->step(); !row) {
            return row.error();
        }
        total = static_cast<std::uint64_t>(query->integer());
    }
    auto query = db.prepare(fmt::format(
        "select {} from jobs where log_removed_us is null and log_bytes > 0"
        " and state not in ('queued', 'running') and id > ? order by id limit ?",
        columns));
    if (!query) {
        return query.error();
    }
    query->bind(after).bind(std::int64_t{limit});
    auto page = read_page(db, *query);
    if (page) {
        page->log_bytes = total;
    }
    return page;
}

result<> delete_jobs(database& db, const std::vector<job_id>& ids) {
    return for_each(
        db, "delete from jobs where id = ? and state not in ('queued', 'running')", ids,
        [](statement& query, job_id id) { query.bind(id); });
}

result<> note_removed_logs(database& db, const std::vector<job_id>& ids, wall_time at) {
    return for_each(
        db, "update jobs set log_removed_us = ?2 where id = ?1", ids,
        [at](statement& query, job_id id) { query.bind(id).bind(to_microseconds(at)); });
}

result<std::int64_t> delete_records(database& db, wall_time before, int limit) {
    std::int64_t deleted = 0;
    for (const auto* const sql :
         {"delete from audit where id in"
          " (select id from audit where at_us < ? order by at_us limit ?)",
          "delete from schedule_runs where (schedule, due_us) in"
          " (select schedule, due_us from schedule_runs where recorded_us < ?"
          " order by recorded_us limit ?)"}) {
        auto query = db.prepare(sql);
        if (!query) {
            return query.error();
        }
        query->bind(to_microseconds(before)).bind(std::int64_t{limit});
        if (auto done = query->finish(); !done) {
            return done.error();
        }
        deleted += db.changed_rows();
    }
    return deleted;
}

result<std::int64_t> delete_refusals(database& db, std::int64_t keep, int limit) {
    auto query = db.prepare("delete from audit where id in"
                            " (select id from audit where stranger = 1 and id <="
                            " (select id from audit where stranger = 1"
                            " order by id desc limit 1 offset ?1)"
                            " order by id limit ?2)");
    if (!query) {
        return query.error();
    }
    query->bind(keep).bind(std::int64_t{limit});
    if (auto done = query->finish(); !done) {
        return done.error();
    }
    return db.changed_rows();
}

} // namespace restpoint::jobs
