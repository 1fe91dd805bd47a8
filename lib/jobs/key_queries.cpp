#include "jobs/key_queries.hpp"

#include "jobs/job_row.hpp"
#include "jobs/store_queries.hpp"

namespace restpoint::jobs {

namespace {

/// Two for each that comes are enough for them to become fewer.
constexpr std::int64_t forgotten_at_once = 2;

result<> forget_old_keys(database& db, wall_time before) {
    auto query = db.prepare("delete from request_keys where (scope, key) in"
                            " (select scope, key from request_keys where at_us < ?"
                            " order by at_us limit ?)");
    if (!query) {
        return query.error();
    }
    query->bind(to_microseconds(before)).bind(forgotten_at_once);
    return query->finish();
}

result<> write_key(database& db, const request_key& key, job_id job, wall_time at) {
    auto query = db.prepare("insert or replace into request_keys (scope, key, digest, job, at_us)"
                            " values (?, ?, ?, ?, ?)");
    if (!query) {
        return query.error();
    }
    query->bind(key.scope).bind(key.key).bind(key.digest).bind(job).bind(to_microseconds(at));
    return query->finish();
}

} // namespace

result<job_id> insert_keyed(database& db, const job& what, const request_key& key) {
    transaction all(db);
    if (auto begun = all.begin(); !begun) {
        return begun.error();
    }
    const auto id = insert_job(db, what);
    if (!id) {
        return id;
    }
    if (auto forgotten = forget_old_keys(db, what.created - request_keys_kept); !forgotten) {
        return forgotten.error();
    }
    if (auto written = write_key(db, key, *id, what.created); !written) {
        return written.error();
    }
    if (auto done = all.commit(); !done) {
        return done.error();
    }
    return id;
}

result<std::optional<keyed_job>> find_keyed(database& db, const request_key& key, wall_time since) {
    auto query = db.prepare(
        "select job, digest from request_keys where scope = ? and key = ? and at_us >= ?");
    if (!query) {
        return query.error();
    }
    query->bind(key.scope).bind(key.key).bind(to_microseconds(since));
    auto row = query->step();
    if (!row) {
        return row.error();
    }
    if (!*row) {
        return std::optional<keyed_job>();
    }
    keyed_job read;
    read.job = query->integer();
    read.digest = query->text();
    return std::optional(std::move(read));
}

} // namespace restpoint::jobs
