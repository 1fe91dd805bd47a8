// Archiving: held until the new cluster runs, then let go, until the repo has the new timeline.
#include "backrest/archive_listing.hpp"
#include "base/file.hpp"
#include "restore/child.hpp"
#include "restore/narration.hpp"
#include "restore/pin.hpp"
#include "restore/work.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

namespace fs = std::filesystem;

namespace restpoint::restore {
namespace {

constexpr int look_every = 300;    ///< milliseconds
constexpr int first_look = 20;     ///< milliseconds; the next ones take twice as long
constexpr int complain_every = 30; ///< looks
constexpr int newest_looks = 200;  ///< for what the server wrote last: a minute

/// Of a segment's name: of the folder that it lies in in the repo.
constexpr std::size_t folder_digits = 16;

constexpr auto segment_of_now = "select pg_walfile_name(pg_current_wal_lsn())";

} // namespace

result<std::string> work::list_archive(const std::string& folder) const {
    auto path = backrest::archive_path(order_.stanza, order_.archive);
    if (!path) {
        return path.error();
    }
    if (!folder.empty()) {
        *path += "/" + folder;
    }
    auto told = run_child(
        backrest::to_argv(how_.invocation, backrest::repo_ls{order_.repo, *path}), how_.environment,
        output::kept);
    if (!told) {
        return told.error();
    }
    if (!told->good()) {
        return failure{
            errc::unavailable, fmt::format("the WAL in repo {} cannot be listed", order_.repo),
            "is the repo reachable?"};
    }
    return std::move(told->out);
}

result<backrest::archive_listing> work::listing() const {
    const auto text = list_archive("");
    return text ? backrest::parse_archive_listing(*text) : text.error();
}

/// While the repo does not answer, a server that ends its recovery takes the timelines in it for
/// free, and chooses one that is taken: its history and segments could never be archived.
result<> work::check_repo() const {
    const auto text = list_archive(order_.wal_to.substr(0, folder_digits));
    if (!text) {
        return text.error();
    }
    if (text->find(order_.wal_to + '-') == text->npos) {
        return failure{
            errc::unavailable,
            fmt::format("repo {} does not show the segment '{}'", order_.repo, order_.wal_to),
            "is its file system mounted?"};
    }
    return {};
}

result<> work::release() {
    if (auto archived = archive_carried(); !archived) {
        return archived;
    }
    if (so_far().turned_back() ? !server_was_running() : !order_.start) {
        return {};
    }
    auto server = postgres::session::open(how_.live);
    if (!server) {
        say(tone::warn,
            "the server does not answer and is started again: " + server.error().detail);
        if (auto started = start_server(); !started) {
            return started;
        }
        server = postgres::session::open(how_.live);
    }
    if (!server) {
        return server.error();
    }
    if (auto opened = open_archiving(*server); !opened) {
        return opened;
    }
    const auto mode = server->ask_one("select current_setting('archive_mode')");
    if (!mode) {
        return mode.error();
    }
    if (*mode == "off") {
        say(tone::warn, "archive_mode is off: the new timeline is not archived");
        return {};
    }
    const auto segment = server->ask_one(segment_of_now);
    if (!segment) {
        return segment.error();
    }
    if (auto written = note_once("first_segment", *segment); !written) {
        return written;
    }
    // A segment without a record in it is not switched.
    for (const auto* statement :
         {"select pg_create_restore_point('restpoint')", "select pg_switch_wal()"}) {
        if (const auto done = server->ask(statement); !done) {
            return done.error();
        }
    }
    return wait_for_archive();
}

result<> work::open_archiving(postgres::session& server) {
    const auto file = order_.data / "postgresql.auto.conf";
    const auto settings = read_file(file);
    if (!settings) {
        return settings.error();
    }
    const auto scrubbed = without_recovery(*settings, notes_of("set"));
    if (scrubbed != *settings && so_far().noted("settings") != "opened") {
        if (auto written = write_file(file, scrubbed); !written) {
            return written;
        }
    }
    // A second time it might take out what somebody has set since.
    if (auto written = note_once("settings", "opened"); !written) {
        return written;
    }
    const auto reloaded = server.ask("select pg_reload_conf()");
    if (!reloaded) {
        return reloaded.error();
    }
    // The failures until now were of the command that held it back.
    const auto reset = server.ask("select pg_stat_reset_shared('archiver')");
    return reset ? result<>{} : result<>{reset.error()};
}

/// A target may lie in what only the server has, and recovery ends at a time only where it finds a
/// later commit. The end of the WAL needs none of this: what the repo lacks is carried there.
result<> work::archive_newest(postgres::session& server) const {
    if (order_.what != errand::restore || order_.to.kind == target_kind::latest ||
        order_.to.kind == target_kind::immediate) {
        return {};
    }
    const auto mode = server.ask_one("select current_setting('archive_mode')");
    const auto segment = mode ? server.ask_one(segment_of_now) : mode;
    if (!segment) {
        return segment.error();
    }
    const auto wanted = backrest::parse_segment_name(*segment);
    if (*mode == "off" || !wanted) {
        return {};
    }
    for (const auto* statement :
         {"select pg_create_restore_point('restpoint')", "select pg_switch_wal()"}) {
        if (const auto done = server.ask(statement); !done) {
            return done.error();
        }
    }
    for (int looks = 0; looks < newest_looks; ++looks) {
        const auto found = listing();
        if (found &&
            std::any_of(found->segments.begin(), found->segments.end(), [&](const auto& s) {
                return s.name == *wanted;
            })) {
            return {};
        }
        if (!wait_a_moment(std::min(first_look << std::min(looks, 4), look_every))) {
            return failure{errc::conflict, "it was cancelled"};
        }
    }
    say(tone::warn, fmt::format(
                        "what the server wrote last ({}) does not come into the repo: a target in "
                        "it cannot be reached",
                        *segment));
    return {};
}

result<> work::wait_for_archive() {
    const auto first = so_far().noted("first_segment").value_or("");
    const auto wanted = backrest::parse_segment_name(first);
    if (!wanted) {
        return failure{errc::internal, fmt::format("'{}' is no segment", first)};
    }
    for (int looks = 1; wait_a_moment(look_every); ++looks) {
        const auto found = listing();
        if (found) {
            const bool has_history =
                wanted->timeline == 1 ||
                std::any_of(found->histories.begin(), found->histories.end(), [&](const auto& h) {
                    return h.timeline == wanted->timeline;
                });
            const auto has = [&](const std::string& name) {
                const auto looked_for = backrest::parse_segment_name(name);
                return std::any_of(
                    found->segments.begin(), found->segments.end(),
                    [&](const auto& s) { return s.name == looked_for; });
            };
            const auto carried = notes_of("carried");
            if (has_history && has(first) && std::all_of(carried.begin(), carried.end(), has)) {
                say(tone::info,
                    fmt::format(
                        "the repo has timeline {} and its segment {}", wanted->timeline, first));
                return note_once("new_timeline", std::to_string(wanted->timeline));
            }
        } else if (looks % complain_every == 0) {
            say(tone::warn, found.error().detail);
        }
        if (looks % 10 == 0) {
            if (auto looked = look_at_archiver(); !looked) {
                return looked;
            }
        }
    }
    return failure{errc::unavailable, "told to stop"};
}

/// What keeps the archiver, if anything does; the server itself, when it has gone.
result<> work::look_at_archiver() {
    auto server = postgres::session::open(how_.live);
    if (!server) {
        const auto state = control_->status();
        if (state && *state == postgres::run_state::stopped) {
            say(tone::warn, "the server has ended and is started again");
            return start_server();
        }
        say(tone::warn, "the server does not answer: " + server.error().detail);
        return {};
    }
    const auto rows = server->ask(
        "select coalesce(last_failed_wal, '') from pg_stat_archiver where last_failed_time > "
        "coalesce(last_archived_time, '-infinity')");
    if (rows && !rows->empty() && !rows->front().front().empty()) {
        const auto& name = rows->front().front();
        say(tone::warn, fmt::format(
                            "archiving of {} fails; the server's log says why. The restore waits "
                            "until it works",
                            name));
        resolve_collision(name);
    }
    return {};
}

/// A second restore from the same timeline leaves another "….partial" of the same name, which
/// pgBackRest refuses for ever, and nothing behind it is archived. No recovery reads it.
void work::resolve_collision(const std::string& name) {
    // Failures have many reasons, and a repo that is away has to be waited for.
    const auto there = name.ends_with(".partial") ? list_archive(name.substr(0, folder_digits))
                                                  : result<std::string>{""};
    if (!there || there->find(name + '-') == there->npos) {
        return;
    }
    ::mkdir(folder_.collisions().c_str(), 0700);
    const auto wal = order_.data / "pg_wal";
    if (auto copied = copy_synced(wal / name, folder_.collisions()); !copied) {
        say(tone::warn, copied.error().detail);
        return;
    }
    std::error_code ignored;
    fs::remove(wal / "archive_status" / (name + ".ready"), ignored);
    say(tone::warn, fmt::format(
                        "the repo has another {} of an earlier restore: this one is kept in '{}' "
                        "and left out of the archive",
                        name, folder_.collisions().native()));
}

result<> work::finish() {
    if (!order_.start) {
        return {};
    }
    const auto found = listing();
    if (!found) {
        return found.error();
    }
    const auto live = backrest::parse_segment_name(so_far().noted("first_segment").value_or(""));
    std::uint32_t newest = 0;
    for (const auto& one : found->histories) {
        newest = std::max(newest, one.timeline);
    }
    const auto pinned =
        live && live->timeline < newest ? std::optional(live->timeline) : std::nullopt;
    if (live) {
        const live_timeline goes_on{live->timeline, std::max(newest, live->timeline)};
        if (auto noted = note_live_timeline(root_, goes_on); !noted) {
            say(tone::warn, noted.error().detail);
        }
    }
    const auto written = pin_timeline(how_.invocation.config, order_.stanza, pinned);
    if (!written) {
        say(tone::warn, written.error().detail + "; " + written.error().hint);
    } else if (pinned) {
        say(tone::info, fmt::format(
                            "the repo's newest timeline is {}, the server writes {}: "
                            "'{}' names it for restores by hand",
                            newest, *pinned, how_.invocation.config.native()));
    }
    return {};
}

} // namespace restpoint::restore
