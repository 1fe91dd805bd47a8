// Replay to the target on a private server, and the proof that it is what the plan says.
#include "backrest/archive_push.hpp"
#include "backrest/timeline_history.hpp"
#include "backrest/wal_name.hpp"
#include "restore/child.hpp"
#include "restore/narration.hpp"
#include "restore/work.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace restpoint::restore {
namespace {

constexpr int look_every = 50;      ///< milliseconds
constexpr int say_every = 20;       ///< looks
constexpr int complain_every = 600; ///< looks
/// Looks without a step forward, behind which a standby has come to the end of the archive.
constexpr int quiet_looks = 60;
/// Looks without a step forward, behind which one asks whether the repo has what comes next.
constexpr int starved_looks = 200;
/// Looks without a step forward, behind which what comes next is taken for something that cannot be
/// read.
constexpr int lost_looks = 1200;
/// Looks at a server that refuses our connection, until that is certain.
constexpr int certain_looks = 10;
constexpr int pause_state_since = 14;

failure stopped() {
    return {errc::unavailable, "told to stop"};
}

/// Replayed LSN, last commit (RFC 3339, UTC), paused: one row.
std::string question_of(int version) {
    const auto* const paused = version >= pause_state_since
                                   ? "pg_get_wal_replay_pause_state() = 'paused'"
                                   : "pg_is_wal_replay_paused()";
    return fmt::format(
        "select coalesce(pg_last_wal_replay_lsn()::text, ''), "
        "coalesce(to_char(pg_last_xact_replay_timestamp() at time zone 'UTC', "
        "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), ''), {}, pg_is_in_recovery(), "
        "pg_size_bytes(current_setting('wal_segment_size'))",
        paused);
}

/// How a replay goes on, from one look to the next.
struct replay_watch {
    std::string lsn = {};
    std::string commit = {};
    int quiet = 0;
    int looks = 0;

    void look(const postgres::session::row& row) {
        quiet = row.at(0) == lsn ? quiet + 1 : 0;
        lsn = row.at(0);
        commit = row.at(1);
        if (looks++ % say_every == 0 && quiet == 0) {
            say(tone::info,
                fmt::format(
                    "replayed to {}, last commit {}", lsn, commit.empty() ? "none yet" : commit));
        }
    }
};

} // namespace

result<> work::start_private() {
    private_.reset();
    if (auto unused = wait_until_unused(successor()); !unused) {
        return unused;
    }
    private_options how;
    how.data = successor();
    how.bin_dir = bin_dir();
    how.config_file = so_far().noted("config_file").value_or("");
    how.work = folder_.path;
    how.user = how_.live.user;
    how.database = how_.live.database;
    how.environment = how_.environment;
    auto started = private_server::start(std::move(how));
    if (!started) {
        return started.error();
    }
    private_.emplace(std::move(*started));
    return {};
}

result<> work::replay() {
    if (auto started = start_private(); !started) {
        return started;
    }
    return wait_for_target();
}

result<> work::wait_for_target() {
    const auto question = question_of(recovery_of(at_the_end::pause, {}).version);
    const auto last = backrest::parse_segment_name(order_.wal_to);
    const auto end = end_of_old();
    std::optional<postgres::session> server;
    replay_watch watch;
    int refused = 0;
    for (; wait_a_moment(look_every);) {
        if (!private_->is_alive()) {
            const auto why = private_->complaint();
            return failure{
                errc::unavailable,
                fmt::format("the restored cluster did not come to {}: {}", words(order_.to), why),
                "the target may lie behind the last commit, or WAL may be missing or damaged"};
        }
        if (!server) {
            auto opened = private_->connect();
            if (!opened) {
                if (auto let_in = look_at_refusal(opened.error(), refused); !let_in) {
                    return let_in;
                }
                continue;
            }
            server.emplace(std::move(*opened));
        }
        const auto rows = server->ask(question);
        if (!rows) {
            server.reset();
            continue;
        }
        const auto& row = rows->front();
        watch.look(row);
        if (row.at(3) != "t") {
            return failure{errc::internal, "the private server ended its recovery by itself"};
        }
        const auto layout = backrest::wal_layout::of(std::stoull(row.at(4)));
        const auto number = layout && last ? layout->number(*last) : std::nullopt;
        const auto here = backrest::parse_lsn(row.at(0)).value_or(0);
        // At the beginning of a segment nothing of it was replayed yet.
        const bool in_last =
            (!number || here > *number * layout->segment_bytes()) && here > end.value_or(0);
        const bool paused = row.at(2) == "t";
        if (paused && private_->lacks_settings()) {
            return failure{
                errc::conflict,
                fmt::format(
                    "replay stands at {}: from there on the WAL is of a server with higher "
                    "settings",
                    watch.lsn),
                "raise what the complaint names for the restore: " + private_->complaint()};
        }
        const bool at_end = order_.to.kind == target_kind::latest
                                ? in_last && watch.quiet >= quiet_looks
                                : paused && private_->stands_at_target();
        if (!in_last && watch.quiet > 0 && watch.quiet % starved_looks == 0) {
            if (auto there = check_next_segment(here, *layout, watch.quiet); !there) {
                return there;
            }
        }
        if (at_end) {
            say(tone::info, fmt::format(
                                "at the target: {}, last commit {}", watch.lsn,
                                watch.commit.empty() ? "none in the replayed WAL" : watch.commit));
            if (auto written = note("lsn", watch.lsn); !written) {
                return written;
            }
            return watch.commit.empty() ? result<>{} : note("last_commit", watch.commit);
        }
    }
    return stopped();
}

/// A server that recovers to the end of the WAL takes a segment that it cannot read for that end, and
/// takes writes. So it is a standby first, and what it has replayed stays in its pg_wal.
result<> work::replay_way_back(backrest::lsn least) {
    if (auto started = start_private(); !started) {
        return started;
    }
    const auto question = question_of(recovery_of(at_the_end::pause, {}).version);
    std::optional<postgres::session> server;
    replay_watch watch;
    for (int unanswered = 0; wait_a_moment(look_every);) {
        if (!private_->is_alive()) {
            return failure{
                errc::unavailable,
                "the old cluster does not come to its end: " + private_->complaint()};
        }
        if (!server) {
            auto opened = private_->connect();
            if (!opened) {
                if (++unanswered % complain_every == 0) {
                    say(tone::warn, "no answer yet: " + opened.error().detail);
                }
                continue;
            }
            server.emplace(std::move(*opened));
        }
        const auto rows = server->ask(question);
        if (!rows) {
            server.reset();
            continue;
        }
        watch.look(rows->front());
        if (backrest::parse_lsn(watch.lsn).value_or(0) >= least) {
            server.reset();
            auto ended = private_->stop();
            private_.reset();
            return ended;
        }
        if (watch.quiet >= complain_every) {
            return failure{
                errc::unavailable,
                fmt::format(
                    "replay of the old cluster stands at {}, short of {} where it ended: the WAL "
                    "behind that cannot be read",
                    watch.lsn, backrest::lsn_text(least)),
                "is the repo whole, and may its files be read?"};
        }
    }
    return stopped();
}

/// A server that takes connections, and not ours: the role or the database may come in the WAL that is
/// still to be replayed. At the target they come no more.
result<> work::look_at_refusal(const failure& why, int& refused) const {
    if (!private_->takes_connections()) {
        return {};
    }
    // It may have begun to take connections just behind ours.
    if (++refused >= certain_looks && private_->stands_at_target()) {
        return failure{
            errc::unavailable,
            "the restored cluster stands at the target and does not let us in: " + why.detail,
            "postgres.user and postgres.database must be there at the target, too"};
    }
    if (refused % complain_every == certain_looks) {
        say(tone::warn, "the restored cluster does not let us in yet, so its replay is not seen: " +
                            why.detail);
    }
    return {};
}

/// A standby waits for ever for a segment that does not come, or that it cannot read.
result<> work::check_next_segment(
    backrest::lsn here, const backrest::wal_layout& layout, int quiet) const {
    const auto found = listing();
    const auto before = ancestry_of(order_.timeline, successor() / "pg_wal");
    if (!found || !before) {
        say(tone::warn, found ? before.error().detail : found.error().detail);
        return {};
    }
    const auto needed =
        backrest::segment_on_the_way(*before, order_.timeline, layout, layout.number_at(here));
    const bool is_there = std::any_of(
        found->segments.begin(), found->segments.end(),
        [&](const backrest::archived_segment& one) { return one.name == needed; });
    if (is_there) {
        return quiet < lost_looks ? result<>() : try_segment(backrest::to_string(needed), here);
    }
    return failure{
        errc::unavailable,
        fmt::format(
            "replay stands at {}: the repo has not the segment {} that comes next",
            backrest::lsn_text(here), backrest::to_string(needed)),
        "ask for a plan again: it says what can be reached"};
}

/// Whether it can be brought at all: damaged, without the right cipher pass or closed to us it is
/// only listed.
result<> work::try_segment(const std::string& name, backrest::lsn here) const {
    const auto into = folder_.path / "tried";
    const auto ran = run_child(
        backrest::archive_get_argv(how_.invocation, order_.repo, name, into), how_.environment,
        output::shown);
    std::error_code ignored;
    std::filesystem::remove(into, ignored);
    if (!ran) {
        return ran.error();
    }
    if (ran->good()) {
        say(tone::warn, fmt::format(
                            "replay stands at {}, though the repo gives the segment {} that comes "
                            "next",
                            backrest::lsn_text(here), name));
        return {};
    }
    return failure{
        errc::unavailable,
        fmt::format(
            "replay stands at {}: the repo has the segment {} that comes next, and it cannot be "
            "read",
            backrest::lsn_text(here), name),
        "pgbackrest says why, above"};
}

result<> work::prove() {
    if (!private_ || !private_->is_alive()) {
        if (auto again = replay(); !again) {
            return again;
        }
    }
    if (auto right = check_position(); !right) {
        return right;
    }
    if (auto asked = ask_databases(); !asked) {
        return asked;
    }
    if (!how_.check_sql.empty()) {
        auto server = private_->connect();
        if (!server) {
            return server.error();
        }
        const auto answer = server->ask_one(how_.check_sql);
        if (!answer) {
            return failure{
                errc::conflict, "the SQL check failed: " + answer.error().detail,
                "restore.check_sql is asked on the restored cluster, read-only"};
        }
        if (*answer != "t" && *answer != "true" && *answer != "1") {
            return failure{
                errc::conflict, fmt::format("the SQL check says '{}', not true", *answer),
                "restore.check_sql is asked on the restored cluster: choose another target"};
        }
        say(tone::info, "the SQL check says true");
    }
    // Not at once: the start of a server that was, while applications wait, would sync every file first
    // (SyncDataDirectory() in xlog.c).
    auto ended = private_->stop();
    private_.reset();
    return ended;
}

/// The target is behind what was replayed, and no commit is behind the target.
result<> work::check_position() {
    const auto lsn = backrest::parse_lsn(so_far().noted("lsn").value_or("")).value_or(0);
    const auto commit = parse_rfc3339(so_far().noted("last_commit").value_or(""));
    if (order_.to.kind == target_kind::lsn && lsn < order_.to.position) {
        return failure{
            errc::conflict, fmt::format(
                                "replay ended at {}, short of the target {}",
                                backrest::lsn_text(lsn), words(order_.to))};
    }
    if (order_.to.kind == target_kind::time && commit && *commit > order_.to.time) {
        return failure{
            errc::conflict, fmt::format(
                                "a commit of {} was replayed, behind the target {}",
                                rfc3339(*commit), words(order_.to))};
    }
    return {};
}

result<> work::ask_databases() {
    auto server = private_->connect();
    if (!server) {
        return server.error();
    }
    const auto names = server->ask(
        "select datname, oid < 16384 from pg_database where datallowconn order by datname");
    if (!names) {
        return names.error();
    }
    std::string all;
    const auto& wanted = order_.databases;
    for (const auto& row : *names) {
        // What was not asked for was emptied, and lets nobody in; initdb's are always there.
        if (!wanted.empty() && row.at(1) != "t" &&
            std::find(wanted.begin(), wanted.end(), row.front()) == wanted.end()) {
            continue;
        }
        auto one = private_->connect(row.front());
        if (!one) {
            return one.error();
        }
        const auto relations = one->ask_one("select count(*) from pg_class");
        if (!relations) {
            return relations.error();
        }
        all += fmt::format("{}{} ({} relations)", all.empty() ? "" : ", ", row.front(), *relations);
    }
    say(tone::info, "databases: " + all);
    return {};
}

} // namespace restpoint::restore
