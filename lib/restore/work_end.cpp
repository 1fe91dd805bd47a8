// Where the old server ended, and whether all of the way there can be replayed. Recovery to the end of
// the WAL ends where a segment is missing, promotes, and says nothing.
#include "backrest/archive_listing.hpp"
#include "backrest/timeline_history.hpp"
#include "base/file.hpp"
#include "postgres/control_data.hpp"
#include "restore/child.hpp"
#include "restore/work.hpp"

#include <fmt/format.h>

#include <set>

namespace fs = std::filesystem;

namespace restpoint::restore {
namespace {

std::optional<backrest::wal_layout> layout_of(const fs::path& pg_wal) {
    std::error_code bad;
    for (auto it = fs::directory_iterator(pg_wal, bad); !bad && it != fs::directory_iterator();
         it.increment(bad)) {
        if (backrest::parse_segment_name(it->path().filename().native())) {
            return backrest::wal_layout::of(fs::file_size(it->path(), bad));
        }
    }
    return std::nullopt;
}

/// From where the files of a backup are to be replayed.
std::optional<backrest::lsn> start_of_backup(const fs::path& data) {
    constexpr std::string_view name = "START WAL LOCATION: ";
    const auto label = read_file(data / "backup_label");
    if (!label || !label->starts_with(name)) {
        return std::nullopt;
    }
    const auto rest = std::string_view(*label).substr(name.size());
    return backrest::parse_lsn(rest.substr(0, rest.find(' ')));
}

/// "1 0/3000148", as note_end() writes it.
std::optional<backrest::lsn> position_in(std::string_view text, std::uint32_t timeline) {
    const auto blank = text.find(' ');
    if (blank == text.npos || text.substr(0, blank) != std::to_string(timeline)) {
        return std::nullopt;
    }
    return backrest::parse_lsn(text.substr(blank + 1));
}

} // namespace

/// Nothing that a server has acknowledged is behind the checkpoint of its orderly end.
result<> work::note_end() {
    const auto file = read_file(order_.data / "global" / "pg_control");
    const auto told = file ? postgres::parse_control_data(*file) : std::nullopt;
    if (!told || !told->shut_down) {
        return {};
    }
    return note_once(
        "end", fmt::format("{} {}", told->timeline, backrest::lsn_text(told->checkpoint)));
}

/// Behind which position a restore to the end of the old server's WAL must come; none when it has
/// another target, or when the server ended as it pleased.
std::optional<backrest::lsn> work::end_of_old() const {
    if (order_.to.kind != target_kind::latest || !order_.whole) {
        return std::nullopt;
    }
    auto noted = so_far().noted("end");
    if (order_.what == errand::undo) {
        const auto before = journal::read(earlier().path);
        noted = before ? before->steps.noted("end") : std::nullopt;
    }
    return position_in(noted.value_or(""), order_.timeline);
}

/// Of the replay that was proven, up to where the old server was stopped since.
result<> work::check_way_to_end() const {
    const auto from = backrest::parse_lsn(so_far().noted("lsn").value_or(""));
    const auto to = end_of_old();
    const auto layout = layout_of(order_.data / "pg_wal");
    if (!from || !to || !layout) {
        return {};
    }
    return check_segments({order_.timeline, *from, *to}, *layout, successor() / "pg_wal");
}

/// Of the old files that were put back, up to where the old server was stopped.
result<> work::check_way_back(std::uint32_t timeline) const {
    const auto from = start_of_backup(order_.data);
    const auto to = position_in(so_far().noted("end").value_or(""), timeline);
    // The segment that the server ended in is always among them.
    const auto layout = layout_of(folder_.kept_wal());
    if (!from || !to || !layout) {
        return {};
    }
    return check_segments({timeline, *from, *to}, *layout, order_.data / "pg_wal");
}

/// Where replay of the old timeline has to come at least: behind the last record of an orderly end,
/// else to the segment that the server was in. None when neither is known.
std::optional<backrest::lsn> work::least_way_back(std::uint32_t timeline) const {
    if (const auto end = position_in(so_far().noted("end").value_or(""), timeline)) {
        return *end + 1;
    }
    const auto kept = segments_in(folder_.kept_wal());
    const auto layout = layout_of(folder_.kept_wal());
    const auto last = kept.empty() ? std::nullopt : backrest::parse_segment_name(kept.back());
    const auto number = last && layout ? layout->number(*last) : std::nullopt;
    if (!number || last->timeline != timeline) {
        return std::nullopt;
    }
    return *number * layout->segment_bytes();
}

result<> work::check_segments(
    wal_stretch of, const backrest::wal_layout& layout, const fs::path& pg_wal) const {
    const auto archived = listing();
    if (!archived) {
        return archived.error();
    }
    const auto before = ancestry_of(of.timeline, pg_wal);
    if (!before) {
        return before.error();
    }
    std::set<backrest::segment_name> there;
    for (const auto& one : archived->segments) {
        there.insert(one.name);
    }
    for (const auto& text : segments_in(pg_wal)) {
        there.insert(backrest::parse_segment_name(text).value());
    }
    for (auto number = layout.number_at(of.from); number <= layout.number_at(of.to); ++number) {
        const auto needed = backrest::segment_on_the_way(*before, of.timeline, layout, number);
        if (!there.contains(needed)) {
            return failure{
                errc::conflict,
                fmt::format(
                    "WAL {} has gone from the repo, and the server has not got it either: commits "
                    "up to {} would be lost",
                    backrest::to_string(needed), backrest::lsn_text(of.to)),
                "bring it back into the repo if there is a copy"};
        }
    }
    return {};
}

/// From its history file, in `pg_wal` or else in the repo.
result<backrest::ancestry> work::ancestry_of(std::uint32_t timeline, const fs::path& pg_wal) const {
    if (timeline <= 1) {
        return backrest::ancestry{};
    }
    const auto name = fmt::format("{:08X}.history", timeline);
    if (const auto here = read_file(pg_wal / name)) {
        return backrest::parse_timeline_history(timeline, *here);
    }
    const auto path = backrest::archive_path(order_.stanza, order_.archive);
    if (!path) {
        return path.error();
    }
    auto told = run_child(
        backrest::to_argv(
            how_.invocation, backrest::repo_get{order_.repo, fmt::format("{}/{}", *path, name)}),
        how_.environment, output::kept);
    if (!told) {
        return told.error();
    }
    if (!told->good()) {
        return failure{
            errc::unavailable,
            fmt::format("the history {} cannot be read from repo {}", name, order_.repo),
            "is the repo reachable?"};
    }
    return backrest::parse_timeline_history(timeline, told->out);
}

} // namespace restpoint::restore
