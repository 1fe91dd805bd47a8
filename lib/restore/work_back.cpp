// The way back to the old cluster, and the end of what was kept for it.
#include "restore/child.hpp"
#include "restore/narration.hpp"
#include "restore/work.hpp"

#include <fmt/format.h>

#include <chrono>

namespace fs = std::filesystem;

namespace restpoint::restore {
namespace {

bool is_there(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

} // namespace

result<> work::halt() {
    private_.reset();
    if (so_far().began(step::start)) {
        // Else an agent that is started anew would start what is about to be swapped away.
        if (auto held = control_->hold(order_.folder); !held) {
            return held;
        }
        const auto state = control_->status();
        if (!state || *state != postgres::run_state::stopped) {
            if (auto stopped = control_->stop(
                    postgres::stop_mode::fast,
                    std::chrono::steady_clock::now() + how_.stop_deadline);
                !stopped) {
                return stopped;
            }
        }
        return wait_until_unused(order_.data);
    }
    return wait_until_unused(successor());
}

result<> work::swap_back() {
    for (const auto& move : outside_moves()) {
        if (is_there(move.aside)) {
            if (is_there(move.where.location)) {
                if (auto moved = rename_directory(move.where.location, move.fresh); !moved) {
                    return moved;
                }
            }
            if (auto moved = rename_directory(move.aside, move.where.location); !moved) {
                return moved;
            }
        }
    }
    if (!is_mount_point(order_.data)) {
        if (!is_there(folder_.previous())) {
            return {}; // it had not been moved, or is back already
        }
        if (is_there(order_.data)) {
            if (auto moved = rename_directory(order_.data, successor()); !moved) {
                return moved;
            }
        }
        return rename_directory(folder_.previous(), order_.data);
    }
    // What lies there belongs to the new cluster only once the old one was aside.
    if (so_far().noted("entries") == "aside") {
        if (auto moved = move_entries(order_.data, successor()); !moved) {
            return moved;
        }
        if (auto written = note("entries", "out"); !written) {
            return written;
        }
    }
    // Without it nothing had been moved aside.
    return is_there(folder_.previous()) ? move_entries(folder_.previous(), order_.data)
                                        : result<>();
}

result<> work::put_back() {
    private_.reset();
    if (auto unused = wait_until_unused(order_.data); !unused) {
        return unused;
    }
    if (so_far().noted("found") == "nothing") {
        return move_entries(order_.data, folder_.fresh()); // which is discarded
    }
    std::error_code ignored;
    fs::remove(order_.data / "postmaster.pid", ignored);
    if (auto brought = restore_over(order_.back_set); !brought) {
        return brought;
    }
    if (auto carried = carry_files(folder_.configuration(), order_.data); !carried) {
        return carried;
    }
    if (auto placed = place_wal(folder_.kept_wal(), order_.data / "pg_wal"); !placed) {
        return placed;
    }
    recovery how = recovery_of(at_the_end::promote, order_.data);
    how.to = {};
    // What was there last: of an undo, the timeline that the restore had made.
    how.timeline = order_.back_timeline;
    if (const auto present =
            backrest::parse_timeline(so_far().noted("present_timeline").value_or(""))) {
        how.timeline = *present;
    }
    if (auto whole = check_way_back(how.timeline); !whole) {
        return whole;
    }
    if (const auto least = least_way_back(how.timeline)) {
        how.then = at_the_end::pause;
        if (auto written = write_recovery(order_.data, folder_.configuration(), how); !written) {
            return written;
        }
        if (auto replayed = replay_way_back(*least); !replayed) {
            return replayed;
        }
        how.then = at_the_end::promote;
    }
    how.hold_archiving = server_was_running();
    return write_recovery(order_.data, folder_.configuration(), how);
}

result<> work::start_old() {
    if (!server_was_running()) {
        return control_->release(order_.folder);
    }
    return start_server();
}

result<> work::remove(const fs::path& directory) const {
    std::error_code bad;
    fs::remove_all(directory, bad);
    if (bad) {
        return system_failure(fmt::format("cannot remove '{}'", directory.native()), bad.value());
    }
    return {};
}

result<> work::discard() {
    private_.reset();
    for (const auto& move : outside_moves()) {
        if (!in_place() && is_there(move.where.location)) {
            if (auto removed = remove(move.fresh); !removed) {
                return removed;
            }
        }
    }
    return remove(folder_.fresh());
}

result<> work::discard_kept() {
    for (const auto& one : outside_of(earlier().previous(), order_.data)) {
        const fs::path aside = one.location.native() + ".previous-" + order_.of;
        if (auto removed = remove(aside); !removed) {
            return removed;
        }
    }
    return remove(earlier().path);
}

} // namespace restpoint::restore
