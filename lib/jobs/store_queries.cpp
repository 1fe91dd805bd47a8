#include "jobs/store_queries.hpp"

#include "jobs/job_row.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace restpoint::jobs {

namespace {

/// Why the update of `id` met no row that may change.
failure not_updated(database& db, job_id id) {
    const auto there = find_job(db, id);
    if (!there) {
        return there.error();
    }
    if (!*there) {
        return {errc::not_found, fmt::format("there is no job {}", id)};
    }
    return {
        errc::conflict,
        fmt::format("job {} is {} and does not change any more", id, to_string((*there)->state))};
}

result<std::vector<job>> read_rows(statement& query) {
    std::vector<job> rows;
    for (;;) {
        auto row = query.step();
        if (!row) {
            return row.error();
        }
        if (!*row) {
            return rows;
        }
        auto read = read_job(query);
        if (!read) {
            return read.error();
        }
        rows.push_back(std::move(*read));
    }
}

/// The first column of the first row; none without a row.
result<std::optional<std::int64_t>> first_integer(statement& query) {
    auto row = query.step();
    if (!row) {
        return row.error();
    }
    return *row ? query.optional_integer() : std::nullopt;
}

result<std::optional<wall_time>> first_time(statement& query) {
    auto us = first_integer(query);
    if (!us) {
        return us.error();
    }
    return *us ? std::optional(from_microseconds(**us)) : std::nullopt;
}

} // namespace

result<job_id> insert_job(database& db, const job& what) {
    auto query = db.prepare(
        fmt::format("insert into jobs ({}) values ({})", job_columns(), job_placeholders()));
    if (!query) {
        return query.error();
    }
    bind_job(*query, what);
    if (auto done = query->finish(); !done) {
        return done.error();
    }
    return db.last_insert_id();
}

result<std::optional<job>> find_job(database& db, job_id id) {
    auto query = db.prepare(fmt::format("select id, {} from jobs where id = ?", job_columns()));
    if (!query) {
        return query.error();
    }
    query->bind(id);
    auto row = query->step();
    if (!row) {
        return row.error();
    }
    if (!*row) {
        return std::optional<job>();
    }
    auto read = read_job(*query);
    if (!read) {
        return read.error();
    }
    return std::optional(std::move(*read));
}

result<> update_job(database& db, const job& what) {
    auto query = db.prepare(fmt::format(
        "update jobs set ({}) = ({}) where id = ? and state in ('queued', 'running')",
        job_columns(), job_placeholders()));
    if (!query) {
        return query.error();
    }
    bind_job(*query, what);
    query->bind(what.id);
    if (auto done = query->finish(); !done) {
        return done.error();
    }
    if (db.changed_rows() == 0) {
        return not_updated(db, what.id);
    }
    return {};
}

result<std::vector<job>> list_jobs(database& db, const job_filter& filter) {
    // Only the conditions asked for, so that SQLite can choose an index for each combination.
    auto sql = fmt::format("select id, {} from jobs where true", job_columns());
    sql += filter.state ? " and state = ?" : "";
    sql += filter.kind ? " and kind = ?" : "";
    sql += filter.stanza ? " and stanza = ?" : "";
    sql += filter.before ? " and id < ?" : "";
    sql += " order by id desc limit ?";
    auto query = db.prepare(sql);
    if (!query) {
        return query.error();
    }
    if (filter.state) {
        query->bind(to_string(*filter.state));
    }
    if (filter.kind) {
        query->bind(to_string(*filter.kind));
    }
    if (filter.stanza) {
        query->bind(*filter.stanza);
    }
    if (filter.before) {
        query->bind(*filter.before);
    }
    query->bind(std::int64_t{std::clamp(filter.limit, 1, 500)});
    return read_rows(*query);
}

result<std::vector<job>> unfinished_jobs(database& db) {
    auto query = db.prepare(fmt::format(
        "select id, {} from jobs where state in ('queued', 'running') order by id", job_columns()));
    if (!query) {
        return query.error();
    }
    return read_rows(*query);
}

result<job_id> last_job_id(database& db) {
    auto query = db.prepare("select seq from sqlite_sequence where name = 'jobs'");
    if (!query) {
        return query.error();
    }
    auto highest = first_integer(*query);
    if (!highest) {
        return highest.error();
    }
    return highest->value_or(0);
}

result<> raise_job_ids(database& db, job_id least) {
    for (const auto* sql :
         {"update sqlite_sequence set seq = max(seq, ?1) where name = 'jobs'",
          "insert into sqlite_sequence (name, seq) select 'jobs', ?1"
          " where not exists (select 1 from sqlite_sequence where name = 'jobs')"}) {
        auto query = db.prepare(sql);
        if (!query) {
            return query.error();
        }
        query->bind(least);
        if (auto done = query->finish(); !done) {
            return done;
        }
    }
    return {};
}

result<> insert_audit(database& db, const audit_entry& entry, wall_time at) {
    auto query = db.prepare("insert into audit (at_us, who, peer, what, outcome, stranger)"
                            " values (?, ?, ?, ?, ?, ?)");
    if (!query) {
        return query.error();
    }
    query->bind(to_microseconds(at)).bind(entry.who).bind(entry.where).bind(entry.what);
    query->bind(entry.outcome).bind(std::int64_t{entry.stranger});
    return query->finish();
}

result<> write_opening(database& db, wall_time at) {
    auto query = db.prepare("insert or replace into openings (one, at_us) values (1, ?)");
    if (!query) {
        return query.error();
    }
    query->bind(to_microseconds(at));
    return query->finish();
}

result<std::optional<wall_time>> read_opening(database& db) {
    auto query = db.prepare("select at_us from openings");
    if (!query) {
        return query.error();
    }
    return first_time(*query);
}

} // namespace restpoint::jobs
