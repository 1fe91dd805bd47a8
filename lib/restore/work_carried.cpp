// What the old server had and the repo had not: into the repo, by our own hands.
#include "backrest/archive_listing.hpp"
#include "backrest/archive_push.hpp"
#include "restore/child.hpp"
#include "restore/narration.hpp"
#include "restore/work.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fs = std::filesystem;

namespace restpoint::restore {

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
