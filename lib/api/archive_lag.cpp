// How far the repos are behind the server, also while they cannot be read.
#include "api/stanza_state.hpp"

#include <algorithm>
#include <tuple>

namespace restpoint::api {

namespace {

/// What is known of an archive: as it is, or as it was while it could be listed.
const backrest::archive_window& last_window(const jobs::archive_answer& archive) {
    return archive.error && archive.earlier ? *archive.earlier : archive.window;
}

/// Of the windows of all archives of today's cluster, each as `window_of` gives it.
template <class WindowOf>
const backrest::timeline_window* furthest(const stanza_findings& found, WindowOf window_of) {
    if (!found.window) {
        return nullptr;
    }
    const auto written = found.postgres ? found.postgres->timeline : 0;
    const auto rank = [&](const backrest::timeline_window& one) {
        const auto reached = one.restorable.empty() ? 0 : one.restorable.back().to_lsn;
        return std::tuple(one.timeline == written, one.timeline, reached);
    };
    const backrest::timeline_window* best = nullptr;
    for (const auto& archive : (*found.window)->archives) {
        for (const auto& one : window_of(archive).timelines) {
            if (archive.of.current && (best == nullptr || rank(one) > rank(*best))) {
                best = &one;
            }
        }
    }
    return best;
}

} // namespace

const backrest::timeline_window* stanza_findings::live_window() const {
    return furthest(
        *this, [](const jobs::archive_answer& archive) -> const backrest::archive_window& {
            return archive.window;
        });
}

const backrest::timeline_window* stanza_findings::last_live_window() const {
    return furthest(*this, last_window);
}

archive_lag find_lag(const stanza_findings& found) {
    archive_lag lag;
    const auto* const window = found.last_live_window();
    if (window != nullptr && !window->restorable.empty()) {
        lag.archived = window->restorable.back().to_lsn;
    }
    if (found.postgres && !found.postgres->in_recovery) {
        lag.live = found.postgres->position;
        if (lag.archived && window->timeline == found.postgres->timeline) {
            lag.bytes = *lag.live - std::min(*lag.live, *lag.archived);
        }
    }
    return lag;
}

std::optional<std::uint64_t> lag_of(
    const stanza_findings& found, const jobs::archive_answer& archive) {
    if (!found.postgres || found.postgres->in_recovery) {
        return std::nullopt;
    }
    for (const auto& one : last_window(archive).timelines) {
        if (one.timeline == found.postgres->timeline && !one.restorable.empty()) {
            const auto live = found.postgres->position;
            return live - std::min(live, one.restorable.back().to_lsn);
        }
    }
    return std::nullopt;
}

} // namespace restpoint::api
