// The names of what stands in the way of a restore, and of its ways.
#include "restore/plan.hpp"

#include <algorithm>
#include <array>

namespace restpoint::restore {
namespace {

constexpr std::array<std::string_view, 23> reason_names{
    "repo_unknown",
    "archive_unreadable",
    "other_cluster",
    "timeline_unknown",
    "timeline_ambiguous",
    "no_backup",
    "set_unknown",
    "set_not_on_timeline",
    "set_incomplete",
    "target_before_set",
    "target_in_gap",
    "target_after_wal",
    "target_in_future",
    "commits_missing",
    "no_room",
    "place_unclear",
    "stop_file",
    "managed_elsewhere",
    "postgres_not_controlled",
    "server_is_standby",
    "tablespace_newer",
    "standbys_attached",
    "subscribers_attached"};

} // namespace

std::string_view to_string(reason why) {
    return reason_names.at(static_cast<std::size_t>(why));
}

std::optional<reason> parse_reason(std::string_view text) {
    const auto* const found = std::find(reason_names.begin(), reason_names.end(), text);
    if (found == reason_names.end()) {
        return std::nullopt;
    }
    return static_cast<reason>(found - reason_names.begin());
}

bool can_be_acknowledged(reason why) {
    return why == reason::commits_missing || why == reason::managed_elsewhere ||
           why == reason::standbys_attached || why == reason::subscribers_attached;
}

std::string_view to_string(way how) {
    return how == way::beside ? "beside" : "in_place";
}

std::optional<way> parse_way(std::string_view text) {
    for (const auto how : {way::beside, way::in_place}) {
        if (text == to_string(how)) {
            return how;
        }
    }
    return std::nullopt;
}

} // namespace restpoint::restore
