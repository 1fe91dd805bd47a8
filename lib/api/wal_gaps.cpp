#include "api/wal_gaps.hpp"

#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace restpoint::api {
namespace {

/// The segment that PostgreSQL was told of last before the archive was listed; none where that is not
/// known, or is a history.
std::optional<backrest::segment_name> last_confirmed(const stanza_findings& found) {
    constexpr std::size_t name_size = 24; // "….00000028.backup" names its segment as well
    if (!found.postgres || found.postgres->in_recovery || !found.window ||
        found.postgres->last_archived_at >= (*found.window)->taken) {
        return std::nullopt;
    }
    return backrest::parse_segment_name(
        std::string_view(found.postgres->last_archived).substr(0, name_size));
}

bool is_on_its_way(const backrest::wal_gap& gap, const stanza_findings& found) {
    if (!gap.before || gap.before_time <= 0) {
        return false;
    }
    if (const auto confirmed = last_confirmed(found); confirmed >= gap.first_missing) {
        return false;
    }
    const auto now = std::chrono::floor<std::chrono::seconds>(found.now.time_since_epoch());
    const auto since = now - std::chrono::seconds{gap.before_time};
    return since < on_its_way && since > -on_its_way;
}

} // namespace

std::vector<backrest::wal_gap> gaps_of(const backrest::archive_window& window) {
    std::set<std::pair<backrest::segment_name, backrest::segment_name>> seen;
    std::vector<backrest::wal_gap> all;
    for (const auto& timeline : window.timelines) {
        for (const auto& gap : timeline.gaps) {
            if (seen.emplace(gap.first_missing, gap.last_missing).second) {
                all.push_back(gap);
            }
        }
    }
    return all;
}

std::vector<backrest::wal_gap> lasting_gaps(
    const backrest::archive_window& window, const stanza_findings& found) {
    auto gaps = gaps_of(window);
    std::erase_if(gaps, [&](const auto& gap) { return is_on_its_way(gap, found); });
    return gaps;
}

} // namespace restpoint::api
