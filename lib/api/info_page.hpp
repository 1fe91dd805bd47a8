// The page of the backups: pgBackRest's own words, under a colour that is green only where every
// stanza is in order. `info` exits 0 in nearly every state, and "Success" says no more than that.
// Pure.
#pragma once

#include "base/time_text.hpp"
#include "jobs/info_cache.hpp"

#include <span>
#include <string>

namespace restpoint::api {

/// From best to worst.
enum class health {
    good,
    unknown, ///< nothing was understood, or a state that this restpoint does not know
    warn,    ///< no backup yet, or repos that differ
    bad
};

/// The worst of the stanzas; unknown without any.
[[nodiscard]] health health_of(std::span<const backrest::stanza_info> stanzas);

/// The content of the page as of `now`.
[[nodiscard]] std::string info_html(const jobs::info_answer& known, wall_time now);

} // namespace restpoint::api
