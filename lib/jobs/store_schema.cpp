#include "jobs/store_schema.hpp"

#include <fmt/format.h>

#include <array>

namespace restpoint::jobs {

namespace {

/// "rstp": tells our database from anybody else's (SQLite file format, offset 68).
constexpr std::int64_t application_id = 0x72737470;

// Version n is what the first n of these make. Never change one that was released: add one.
constexpr std::array migrations{
    R"sql(
create table jobs (
    id integer primary key autoincrement, -- a number is never given twice: "gone" is not "never was"
    kind text not null,
    stanza text not null,
    backup_type text,
    annotations text not null, -- JSON object of strings
    repo integer,
    state text not null,
    requested_by text not null,
    created_us integer not null, -- all times: microseconds since 1970, UTC
    started_us integer,
    finished_us integer,
    cancel_us integer,
    exit_code integer,
    error_code integer,
    error_name text, -- null: no error
    error_message text,
    error_hint text,
    label text,
    backup_size integer,
    expire_failed integer not null,
    shim_pid integer,
    shim_start integer,
    shim_boot_id text,
    log_bytes integer not null,
    log_lines integer not null,
    log_dropped integer not null,
    cpu_seconds real not null
) strict;
create index jobs_unfinished on jobs (id) where state in ('queued', 'running');
create index jobs_by_stanza on jobs (stanza, id);
create trigger jobs_keep_final before update on jobs
    when old.state not in ('queued', 'running')
    begin select raise(abort, 'a finished job does not change'); end;

create table audit (
    id integer primary key autoincrement,
    at_us integer not null,
    who text not null,
    peer text not null,
    what text not null,
    outcome text not null
) strict;

create table schedule_runs (
    schedule text primary key,
    due_us integer not null
) strict, without rowid;

create table openings ( -- one row: written and read back at every start
    one integer primary key check (one = 1),
    at_us integer not null
) strict;
)sql",
    R"sql(
drop table schedule_runs; -- one due time a schedule, and not which expression it came from

create table schedule_memory ( -- every due time up to covered_us is settled
    schedule text primary key,
    fingerprint text not null,
    covered_us integer not null
) strict, without rowid;

create table schedule_runs (
    schedule text not null,
    due_us integer not null,
    outcome text not null,
    late integer not null,
    job integer, -- its own, or the one that stands in for it; that row may be gone
    reason text not null,
    recorded_us integer not null,
    primary key (schedule, due_us)
) strict, without rowid;
create index schedule_runs_by_job on schedule_runs (job) where job is not null;
)sql",
    R"sql(
alter table jobs add column log_removed_us integer; -- null: retention has left the log alone
drop trigger jobs_keep_final;
create trigger jobs_keep_final before update of
        id, kind, stanza, backup_type, annotations, repo, state, requested_by, created_us,
        started_us, finished_us, cancel_us, exit_code, error_code, error_name, error_message,
        error_hint, label, backup_size, expire_failed, shim_pid, shim_start, shim_boot_id,
        log_bytes, log_lines, log_dropped, cpu_seconds
    on jobs when old.state not in ('queued', 'running')
    begin select raise(abort, 'a finished job does not change'); end;

create index jobs_by_end on jobs (finished_us, id) where state not in ('queued', 'running');
create index jobs_by_outcome on jobs (stanza, kind, state, id);
create index jobs_with_logs on jobs (id, log_bytes, log_removed_us)
    where log_removed_us is null and log_bytes > 0;
create index audit_by_time on audit (at_us);
create index schedule_runs_by_time on schedule_runs (recorded_us);
)sql",
    R"sql(
create table request_keys ( -- what a caller named a request that started a job
    scope text not null,
    key text not null,
    digest text not null,
    job integer not null,
    at_us integer not null,
    primary key (scope, key)
) strict, without rowid;
create index request_keys_by_job on request_keys (job);
create index request_keys_by_time on request_keys (at_us);
create trigger jobs_take_their_keys after delete on jobs
    begin delete from request_keys where job = old.id; end;

create table schedule_pauses (
    schedule text primary key,
    since_us integer not null,
    paused_by text not null
) strict, without rowid;
)sql",
    R"sql(
alter table jobs add column backup_set text; -- the one to annotate or to expire
alter table jobs add column dry_run integer not null default 0;
create trigger jobs_keep_final_sets before update of backup_set, dry_run
    on jobs when old.state not in ('queued', 'running')
    begin select raise(abort, 'a finished job does not change'); end;
)sql",
    R"sql(
alter table audit add column stranger integer not null default 0; -- a refusal of who is not known
update audit set stranger = 1 where who like 'http %' and outcome like 'refused%';
create index audit_of_strangers on audit (id) where stranger = 1;
)sql",
    R"sql(
alter table jobs add column work_order text not null default ''; -- of restpoint's own work, JSON
alter table jobs add column report text not null default '';
create trigger jobs_keep_final_reports before update of work_order, report
    on jobs when old.state not in ('queued', 'running')
    begin select raise(abort, 'a finished job does not change'); end;
)sql",
    R"sql(
alter table schedule_runs add column left_to text not null default ''; -- a machine
)sql",
};

result<std::int64_t> pragma(database& db, std::string_view sql) {
    auto query = db.prepare(sql);
    if (!query) {
        return query.error();
    }
    auto row = query->step();
    if (!row) {
        return row.error();
    }
    return *row ? query->integer() : 0;
}

result<> check_pages(database& db, const std::filesystem::path& file) {
    auto query = db.prepare("pragma quick_check(1)");
    if (!query) {
        return query.error();
    }
    auto row = query->step();
    if (!row) {
        return row.error();
    }
    const auto verdict = query->text();
    if (verdict == "ok") {
        return {};
    }
    return failure{
        errc::unusable_state, fmt::format("'{}' is damaged: {}", file.native(), verdict),
        "move the restpoint.db files aside and start again: the history of jobs is lost, the "
        "backups are not touched"};
}

/// The version of the schema; 0 for a new database.
result<std::int64_t> version_of(database& db, const std::filesystem::path& file) {
    auto version = pragma(db, "pragma user_version");
    if (!version) {
        return version;
    }
    auto owner = pragma(db, "pragma application_id");
    if (!owner) {
        return owner;
    }
    auto tables = pragma(db, "select count(*) from sqlite_schema");
    if (!tables) {
        return tables;
    }
    const bool is_new = *version == 0 && *owner == 0 && *tables == 0;
    if (!is_new && *owner != application_id) {
        return failure{
            errc::unusable_state,
            fmt::format("'{}' is a database of another program", file.native()),
            "name another state directory, or move the file aside"};
    }
    if (*version > known_schema_version()) {
        return failure{
            errc::unusable_state,
            fmt::format(
                "'{}' has schema version {}, and this program knows versions up to {}",
                file.native(), *version, known_schema_version()),
            "run the newer restpoint that wrote it, or name another state directory"};
    }
    return version;
}

} // namespace

int known_schema_version() {
    return static_cast<int>(migrations.size());
}

result<> upgrade(database& db, const std::filesystem::path& file) {
    auto version = version_of(db, file);
    if (!version) {
        return version.error();
    }
    if (auto sound = check_pages(db, file); !sound) {
        return sound;
    }
    for (auto next = static_cast<std::size_t>(*version); next < migrations.size(); ++next) {
        auto done = db.run(fmt::format(
            "begin immediate; {} pragma application_id = {}; pragma user_version = {}; commit;",
            migrations[next], application_id, next + 1));
        if (!done) {
            // A failed statement leaves the transaction open; the failure is what counts.
            [[maybe_unused]] const auto undone = db.run("rollback;");
            return done;
        }
    }
    return {};
}

} // namespace restpoint::jobs
