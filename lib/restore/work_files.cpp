// The files of the new cluster: brought, made its own.
#include "backrest/exit_code.hpp"
#include "base/file.hpp"
#include "restore/child.hpp"
#include "restore/configuration_paths.hpp"
#include "restore/narration.hpp"
#include "restore/work.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>

namespace fs = std::filesystem;

namespace restpoint::restore {
namespace {

constexpr int lock_is_held = 50;    ///< pgBackRest's exit code (LockAcquireError)
constexpr int pause_for_lock = 500; ///< milliseconds
constexpr int most_waits = 120;     ///< a minute

result<> make_folder(const fs::path& folder) {
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
        return system_failure(fmt::format("cannot make '{}'", folder.native()), errno);
    }
    return sync_folder(folder.parent_path());
}

} // namespace

result<> work::restore_files() {
    if (!in_place()) {
        if (auto made = make_folder(folder_.fresh()); !made) {
            return made;
        }
        for (const auto& move : outside_moves()) {
            if (auto made = make_folder(move.fresh); !made) {
                return made;
            }
        }
    }
    return in_place() ? restore_over(order_.set) : run_pgbackrest(order_.set, successor());
}

/// Over the files of a cluster pgBackRest removes whatever is not in its set. Where the data
/// directory is a mount point, the journal and what was kept lie in it: so its files are restored in
/// our folder, and come back. Cut off anywhere, it is done again.
result<> work::restore_over(const std::string& set) {
    if (!is_mount_point(order_.data)) {
        return run_pgbackrest(set, order_.data);
    }
    if (auto moved = move_entries(order_.data, folder_.fresh()); !moved) {
        return moved;
    }
    // A link that leads from the mount point leads elsewhere from here.
    for (const auto& one : outside_of(folder_.fresh(), order_.data)) {
        if (one.link == "pg_wal") {
            if (auto linked = point_link(folder_.fresh(), one); !linked) {
                return linked;
            }
        }
    }
    if (auto brought = run_pgbackrest(set, folder_.fresh()); !brought) {
        return brought;
    }
    return move_entries(folder_.fresh(), order_.data);
}

/// A run that was killed before it wrote the manifest leaves what pgBackRest then takes for somebody
/// else's files (exit code 40). Only of a run of ours: what was there before it was found to be a
/// cluster, or nothing.
result<> work::clear_beginnings(const fs::path& into) const {
    std::error_code bad;
    if (fs::exists(into / "PG_VERSION", bad) || fs::exists(into / "backup.manifest", bad) ||
        !fs::exists(into, bad)) {
        return {};
    }
    std::vector<fs::path> entries;
    for (auto it = fs::directory_iterator(into, bad); !bad && it != fs::directory_iterator();
         it.increment(bad)) {
        const auto name = it->path().filename();
        if (name != ".restpoint" && name != "lost+found") {
            entries.push_back(it->path());
        }
    }
    if (in_place() && !entries.empty() && so_far().noted("found") != "nothing") {
        return failure{
            errc::conflict, fmt::format("'{}' holds files and is no data directory", into.native()),
            "look at what they are; nothing was removed"};
    }
    for (const auto& entry : entries) {
        if (auto removed = remove(entry); !removed) {
            return removed;
        }
    }
    return {};
}

result<> work::run_pgbackrest(const std::string& set, const fs::path& into) {
    if (auto made = make_folder(folder_.path / "lock"); !made) {
        return made;
    }
    if (auto cleared = clear_beginnings(into); !cleared) {
        return cleared;
    }
    backrest::restore command;
    command.repo = order_.repo;
    command.set = set;
    command.to = backrest::restore::type::none;
    command.into = into;
    command.delta = !is_empty_or_missing(into);
    command.link_all = in_place();
    command.lock_path = folder_.path / "lock";
    // The old cluster comes back whole, whatever of it was to be restored.
    command.databases = so_far().turned_back() ? std::vector<std::string>() : order_.databases;
    if (in_place() && into != order_.data && so_far().noted("wal_link") == "relative") {
        for (const auto& one : outside_of(into)) {
            if (one.link == "pg_wal") {
                command.links.emplace(one.link, one.location);
            }
        }
    }
    if (!in_place()) {
        for (const auto& move : outside_moves()) {
            if (move.where.link != "pg_wal") {
                command.tablespaces.emplace(
                    fs::path(move.where.link).filename().native(), move.fresh);
            }
        }
    }
    const auto ran = run_once_free(backrest::to_argv(how_.invocation, command));
    if (!ran) {
        return ran.error();
    }
    if (ran->good()) {
        return {};
    }
    if (!ran->exit_code) {
        return failure{errc::unavailable, "pgbackrest was ended by a signal"};
    }
    const auto meaning = backrest::explain_exit(*ran->exit_code);
    return failure{
        errc::unavailable,
        fmt::format("pgbackrest could not bring the files: {} ({})", meaning.name, *ran->exit_code),
        std::string(meaning.hint)};
}

/// The workers of a run that was killed hold its lock until they have noticed, and write until then.
result<child_result> work::run_once_free(const std::vector<std::string>& argv) const {
    for (int waits = 0;; ++waits) {
        auto ran = run_child(argv, how_.environment, output::shown);
        if (!ran || ran->exit_code != lock_is_held || waits == most_waits) {
            return ran;
        }
        if (waits == 0) {
            say(tone::warn,
                "an earlier pgbackrest still has the lock of this restore: it ends soon");
        }
        if (!wait_a_moment(pause_for_lock)) {
            return ran;
        }
    }
}

result<> work::configure() {
    const auto from = settings_source();
    if (!is_empty_or_missing(from)) {
        if (auto carried = carry_files(from, successor()); !carried) {
            return carried;
        }
    }
    if (auto placed = give_wal_its_place(); !placed) {
        return placed;
    }
    if (in_place() && order_.to.kind == target_kind::latest) {
        // What the repo lacks of the way to the end; pgBackRest has emptied pg_wal.
        const auto kept = order_.what == errand::undo ? earlier().kept_wal() : folder_.kept_wal();
        if (auto placed = place_wal(kept, successor() / "pg_wal"); !placed) {
            return placed;
        }
    }
    return write_recovery(successor(), from, recovery_of(at_the_end::pause, successor()));
}

result<> work::write_recovery(
    const fs::path& data, const fs::path& settings_of, const recovery& how) {
    const auto lines = recovery_lines(how_.invocation, how);
    for (const auto& line : lines) {
        // Of the server that takes writes, in which ALTER SYSTEM may be said before they are taken out.
        if (how.then != at_the_end::promote) {
            break;
        }
        if (auto noted = note_of_many("set", line); !noted) {
            return noted;
        }
    }
    auto settings = read_file(settings_of / "postgresql.auto.conf");
    if (!settings) {
        settings = read_file(data / "postgresql.auto.conf");
    }
    const auto content =
        with_recovery(settings ? std::string_view(*settings) : std::string_view(), lines);
    if (auto written = write_file(data / "postgresql.auto.conf", content); !written) {
        return written;
    }
    // The new one first: with neither, a server that somebody starts would not look into the repo.
    if (auto written = write_file(data / std::string(signal_file(how)), ""); !written) {
        return written;
    }
    for (const auto* name : {"standby.signal", "recovery.signal"}) {
        std::error_code bad;
        if (name != signal_file(how) && !fs::remove(data / name, bad) && bad) {
            return system_failure(
                fmt::format("cannot remove '{}'", (data / name).native()), bad.value());
        }
    }
    return sync_folder(data);
}

result<> work::carry_files(const fs::path& from, const fs::path& to) const {
    if (from == to) {
        return {};
    }
    for (const auto& file : configuration_files(from)) {
        if (auto copied = copy_synced(file, to); !copied) {
            return copied;
        }
    }
    return carry_folders(from, to);
}

/// Of the configuration that lies deeper. What the backup has in a folder that is included as a whole,
/// and the present cluster has not, would count again.
result<> work::carry_folders(const fs::path& from, const fs::path& to) const {
    const auto deeper = find_configuration_paths(from, order_.data);
    for (const auto& folder : deeper.folders) {
        std::error_code none;
        std::error_code gone;
        for (auto it = fs::directory_iterator(to / folder, none);
             !none && it != fs::directory_iterator(); it.increment(none)) {
            const auto& one = it->path();
            if (one.extension() == ".conf" && !fs::exists(from / folder / one.filename(), gone)) {
                if (auto removed = remove(one); !removed) {
                    return removed;
                }
            }
        }
    }
    for (const auto& file : deeper.files) {
        const auto into = (to / file).parent_path();
        std::error_code bad;
        fs::create_directories(into, bad);
        if (bad) {
            return system_failure(fmt::format("cannot make '{}'", into.native()), bad.value());
        }
        if (auto copied = copy_synced(from / file, into); !copied) {
            return copied;
        }
    }
    return {};
}

/// Where the live pg_wal lies outside, so does the new one.
result<> work::give_wal_its_place() {
    for (const auto& move : outside_moves()) {
        const auto link = successor() / "pg_wal";
        std::error_code ignored;
        if (in_place() || move.where.link != "pg_wal" || fs::is_symlink(link, ignored)) {
            continue;
        }
        if (fs::exists(link, ignored)) { // else it was cut off behind its removal
            if (auto moved = move_entries(link, move.fresh); !moved) {
                return moved;
            }
        }
        fs::remove(link, ignored);
        if (auto linked = point_link(successor(), {"pg_wal", move.fresh}); !linked) {
            return linked;
        }
    }
    return {};
}

} // namespace restpoint::restore
