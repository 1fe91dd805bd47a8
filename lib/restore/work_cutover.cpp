// From the stop of the old server to the first write into the new cluster.
#include "base/file.hpp"
#include "restore/child.hpp"
#include "restore/narration.hpp"
#include "restore/work.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>

namespace fs = std::filesystem;

namespace restpoint::restore {
namespace {

using std::chrono::steady_clock;

constexpr int look_every = 20; ///< milliseconds, while applications wait
constexpr std::chrono::seconds unused_deadline{60};
constexpr std::chrono::seconds start_deadline{60};
constexpr int looks_at_a_stopped_server = 25;

std::string now_text() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

bool is_there(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

bool runs(postgres::control& control) {
    const auto state = control.status();
    return state &&
           (*state == postgres::run_state::running || *state == postgres::run_state::starting);
}

bool is_stopped(postgres::control& control) {
    const auto state = control.status();
    return state && *state == postgres::run_state::stopped;
}

} // namespace

result<> work::stop_old() {
    if (auto written = note_once("down_since", now_text()); !written) {
        return written;
    }
    if (auto held = control_->hold(order_.folder); !held) {
        return held;
    }
    if (is_stopped(*control_)) {
        return {};
    }
    return control_->stop(postgres::stop_mode::fast, steady_clock::now() + how_.stop_deadline);
}

/// Whoever has files open there could still acknowledge a commit into them (seen: 4.5 s after the
/// postmaster's death).
result<> work::wait_until_unused(const fs::path& directory) const {
    const auto last_moment = steady_clock::now() + unused_deadline;
    std::string who;
    do {
        who = who_uses(directory);
        if (who.empty()) {
            return {};
        }
    } while (wait_a_moment(look_every) && steady_clock::now() < last_moment);
    return failure{
        errc::timed_out, fmt::format("process {} still uses '{}'", who, directory.native()),
        "end it; nothing is moved or overwritten while somebody has files open there"};
}

result<> work::settle() {
    if (auto unused = wait_until_unused(order_.data); !unused) {
        return unused;
    }
    std::error_code ignored;
    fs::remove(order_.data / "postmaster.pid", ignored); // of one that crashed
    if (brings_back()) {
        return {};
    }
    if (auto noted = note_end(); !noted || in_place() || order_.to.kind != target_kind::latest) {
        return noted;
    }
    // Aside first: what pg_wal has of its own is not to be told from what was carried.
    if (auto made = make_kept_folders(); !made) {
        return made;
    }
    if (auto carried = carry_wal(order_.data, folder_.kept_wal()); !carried) {
        return carried;
    }
    if (auto placed = place_wal(folder_.kept_wal(), successor() / "pg_wal"); !placed) {
        return placed;
    }
    if (auto placed = place_archived(order_.data / "pg_wal", successor() / "pg_wal"); !placed) {
        return placed;
    }
    return check_way_to_end();
}

result<> work::make_kept_folders() const {
    for (const auto& folder : {folder_.kept_wal(), folder_.configuration()}) {
        if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
            return system_failure(fmt::format("cannot make '{}'", folder.native()), errno);
        }
    }
    return {};
}

result<> work::keep() {
    if (auto made = make_kept_folders(); !made) {
        return made;
    }
    if (auto carried = carry_files(order_.data, folder_.configuration()); !carried) {
        return carried;
    }
    return carry_wal(order_.data, folder_.kept_wal());
}

result<> work::swap_outside() {
    for (const auto& move : outside_moves()) {
        if (is_there(move.fresh)) {
            if (!brings_back()) {
                if (auto linked = point_link(successor(), move.where); !linked) {
                    return linked;
                }
            }
            if (is_there(move.where.location) && !is_there(move.aside)) {
                if (auto moved = rename_directory(move.where.location, move.aside); !moved) {
                    return moved;
                }
            }
            if (auto moved = rename_directory(move.fresh, move.where.location); !moved) {
                return moved;
            }
        }
    }
    return {};
}

/// The machine may have been started anew meanwhile, and the old server with it: what it has taken
/// since would be moved aside.
result<> work::check_still_stopped() const {
    if (!is_there(successor()) || !is_there(order_.data)) {
        return {}; // begun before
    }
    if (runs(*control_)) {
        return failure{
            errc::conflict, "the old server was started while it was about to be replaced",
            "restore again; to the newest moment, if what it has taken since is wanted"};
    }
    return wait_until_unused(order_.data);
}

result<> work::swap() {
    if (auto stopped = check_still_stopped(); !stopped) {
        return stopped;
    }
    if (auto swapped = swap_outside(); !swapped) {
        return swapped;
    }
    if (!is_mount_point(order_.data)) {
        // Where it was cut off shows in what is there.
        if (is_there(successor())) {
            // One that is missing is put aside as an empty one, so that there is a way back to it.
            if (!is_there(order_.data) && !is_there(folder_.previous()) &&
                ::mkdir(order_.data.c_str(), 0700) != 0) {
                return system_failure(fmt::format("cannot make '{}'", order_.data.native()), errno);
            }
            if (is_there(order_.data)) {
                if (auto moved = rename_directory(order_.data, folder_.previous()); !moved) {
                    return moved;
                }
            }
        }
        return rename_directory(successor(), order_.data);
    }
    if (so_far().noted("entries") != "aside") {
        if (auto moved = move_entries(order_.data, folder_.previous()); !moved) {
            return moved;
        }
        if (auto written = note("entries", "aside"); !written) {
            return written;
        }
    }
    return move_entries(successor(), order_.data);
}

result<> work::start_server() {
    if (auto released = control_->release(order_.folder); !released) {
        return released;
    }
    auto started = control_->start(steady_clock::now() + start_deadline);
    // One that still recovers is not one that failed.
    if (!started && started.error().code != errc::timed_out) {
        return started;
    }
    return wait_for_writes();
}

/// What somebody else has started meanwhile, a machine that came up for one, stands at the target as
/// the private server did, and reads its new settings only when it is started anew.
result<> work::stop_foreign_start() {
    if (so_far().noted("to_start") || !runs(*control_)) {
        return {};
    }
    say(tone::warn, "the restored cluster was started before its time: it is stopped");
    if (auto held = control_->hold(order_.folder); !held) {
        return held;
    }
    const auto last_moment = steady_clock::now() + how_.stop_deadline;
    if (auto stopped = control_->stop(postgres::stop_mode::fast, last_moment); !stopped) {
        return stopped;
    }
    return wait_until_unused(order_.data);
}

result<> work::start_new() {
    if (!brings_back() && !may_have_been_promoted()) {
        if (auto shown = check_repo(); !shown) {
            return shown;
        }
        if (auto stopped = stop_foreign_start(); !stopped) {
            return stopped;
        }
        if (auto written = write_recovery(
                order_.data, order_.data, recovery_of(at_the_end::promote, order_.data));
            !written) {
            return written;
        }
        if (auto noted = note_once("to_start", "written"); !noted) {
            return noted;
        }
    }
    if (!order_.start) {
        say(tone::info, "the server is not started, as it was asked");
        return control_->release(order_.folder);
    }
    if (auto started = start_server(); !started) {
        return started;
    }
    return note_once("up_since", now_text());
}

result<> work::wait_for_writes() {
    int stopped_looks = 0;
    bool said = false;
    while (wait_a_moment(look_every)) {
        auto server = postgres::session::open(how_.live);
        const auto recovers =
            server ? server->ask_one("select pg_is_in_recovery()") : server.error();
        if (recovers && *recovers == "f") {
            return {};
        }
        stopped_looks = is_stopped(*control_) ? stopped_looks + 1 : 0;
        if (stopped_looks >= looks_at_a_stopped_server) {
            return failure{
                errc::unavailable, "the server ended before it took writes",
                "its own log says why"};
        }
        if (!recovers && !said) {
            said = true;
            say(tone::info, "not yet: " + recovers.error().detail);
        }
    }
    return failure{errc::unavailable, "told to stop"};
}

} // namespace restpoint::restore
