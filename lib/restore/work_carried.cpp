// The WAL of the old server: what the repo had not comes to where it is replayed, and into the repo, by
// our own hands.
#include "backrest/archive_listing.hpp"
#include "backrest/archive_push.hpp"
#include "base/file.hpp"
#include "base/unique_fd.hpp"
#include "restore/child.hpp"
#include "restore/narration.hpp"
#include "restore/work.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <set>

namespace fs = std::filesystem;

namespace restpoint::restore {
namespace {

/// A file that was renamed in advance, to be written later, still has the pages of what it was:
/// each page says which position it is for (PostgreSQL, xlog_internal.h, XLogPageHeaderData).
bool holds_its_own_wal(const fs::path& segment, const backrest::segment_name& name) {
    const unique_fd file{::open(segment.c_str(), O_RDONLY | O_CLOEXEC)};
    struct stat about{};
    std::array<char, 16> head{};
    if (!file || ::fstat(file.get(), &about) != 0 ||
        ::pread(file.get(), head.data(), head.size(), 0) != static_cast<ssize_t>(head.size())) {
        return false;
    }
    const auto layout = backrest::wal_layout::of(static_cast<std::uint64_t>(about.st_size));
    const auto number = layout ? layout->number(name) : std::nullopt;
    std::uint64_t address = 0;
    std::memcpy(&address, head.data() + 8, sizeof address);
    return number && address == *number * layout->segment_bytes();
}

/// Marked as archived already, or as what is still to be.
result<> mark(const fs::path& pg_wal, const std::string& name, std::string_view state) {
    const auto folder = pg_wal / "archive_status";
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
        return system_failure(fmt::format("cannot make '{}'", folder.native()), errno);
    }
    if (auto synced = sync_folder(pg_wal); !synced) {
        return synced;
    }
    return write_file(folder / fmt::format("{}.{}", name, state), "");
}

} // namespace

result<> work::carry_wal(const fs::path& from, const fs::path& to) {
    const auto archived = listing();
    if (!archived) {
        return archived.error();
    }
    std::set<backrest::segment_name> known;
    for (const auto& one : archived->segments) {
        known.insert(one.name);
    }
    int carried = 0;
    for (const auto& text : segments_in(from / "pg_wal")) {
        const auto name = backrest::parse_segment_name(text).value();
        const auto file = from / "pg_wal" / text;
        if (known.contains(name) || !holds_its_own_wal(file, name)) {
            continue;
        }
        if (auto copied = copy_synced(file, to); !copied) {
            return copied;
        }
        ++carried;
    }
    if (carried > 0) {
        say(tone::info, fmt::format("{} WAL segments that the repo lacks are carried", carried));
    }
    std::set<std::string> histories;
    for (const auto& one : archived->histories) {
        histories.insert(fmt::format("{:08X}.history", one.timeline));
    }
    for (const auto& name : histories_in(from / "pg_wal")) {
        if (histories.contains(name)) {
            continue;
        }
        if (auto copied = copy_synced(from / "pg_wal" / name, to); !copied) {
            return copied;
        }
    }
    return {};
}

/// What is kept goes where it is replayed. Those but the last are whole, and a plain restore needs
/// them as far as the new timeline leaves the old one: the server is told to archive them, and what it
/// recycles instead archive_carried() pushes. The last one is cut off where the server ended and must
/// never go there under its name.
result<> work::place_wal(const fs::path& kept, const fs::path& pg_wal) {
    const auto place = [&](const std::string& name, bool to_archive) -> result<> {
        if (auto copied = copy_synced(kept / name, pg_wal); !copied || !to_archive) {
            return copied;
        }
        return mark(pg_wal, name, "ready");
    };
    for (const auto& name : histories_in(kept)) { // without it there is no way to its timeline
        if (auto placed = place(name, true); !placed) {
            return placed;
        }
    }
    const auto names = segments_in(kept);
    for (const auto& name : names) {
        const bool is_last = name == names.back();
        if (auto placed = place(name, !is_last); !placed || is_last) {
            return placed;
        }
        if (auto noted = note_of_many("carried", name); !noted) {
            return noted;
        }
    }
    return {};
}

/// What came into the repo since the proof, there too: then the end of the recovery asks nothing of the
/// repo. A segment that it does not get it takes for the end of the WAL, and promotes.
result<> work::place_archived(const fs::path& from, const fs::path& to) const {
    const auto proven = backrest::parse_lsn(so_far().noted("lsn").value_or(""));
    for (const auto& text : proven ? segments_in(from) : std::vector<std::string>()) {
        std::error_code ignored;
        const auto name = backrest::parse_segment_name(text).value();
        const auto layout = backrest::wal_layout::of(fs::file_size(from / text, ignored));
        const bool is_behind = layout && name.timeline == order_.timeline &&
                               layout->number(name).value_or(0) >= layout->number_at(*proven);
        if (!is_behind || fs::exists(folder_.kept_wal() / text, ignored) ||
            !holds_its_own_wal(from / text, name)) {
            continue;
        }
        if (auto copied = copy_synced(from / text, to); !copied) {
            return copied;
        }
        if (auto marked = mark(to, text, "done"); !marked) {
            return marked;
        }
    }
    return {};
}

/// The folder that still has a segment of which a copy was kept; empty: none has.
fs::path work::keeper_of(const std::string& segment) const {
    std::vector<fs::path> folders{folder_.kept_wal()};
    if (order_.what == errand::undo) {
        folders.push_back(earlier().kept_wal());
    }
    std::error_code ignored;
    const auto found = std::ranges::find_if(
        folders, [&](const auto& folder) { return fs::exists(folder / segment, ignored); });
    return found == folders.end() ? fs::path() : *found;
}

/// No server can be trusted with it: the checkpoint at the end of an archive recovery recycles every
/// segment behind it, with its ".ready" and unarchived, before the archiver has begun (seen in 15).
/// They are of the old timeline and true whatever becomes of the restore.
result<> work::archive_carried() const {
    const auto carried = notes_of("carried");
    if (carried.empty()) {
        return {};
    }
    const auto found = listing();
    if (!found) {
        return found.error();
    }
    int pushed = 0;
    for (const auto& name : carried) {
        const auto wanted = backrest::parse_segment_name(name);
        const bool is_there = std::ranges::any_of(
            found->segments, [&](const auto& one) { return one.name == wanted; });
        const auto folder = keeper_of(name);
        if (is_there || folder.empty()) {
            continue;
        }
        const auto ran = run_child(
            backrest::archive_push_argv(how_.invocation, folder / name), how_.environment,
            output::shown);
        if (!ran) {
            return ran.error();
        }
        if (!ran->good()) {
            return failure{
                errc::unavailable, fmt::format("WAL {} does not come into the repo", name),
                "without it a plain restore along the new timeline ends before it"};
        }
        ++pushed;
    }
    if (pushed > 0) {
        say(tone::info, fmt::format("{} WAL segments of the old server are in the repo", pushed));
    }
    return {};
}

} // namespace restpoint::restore
