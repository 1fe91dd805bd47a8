// The page of the backups: pgBackRest's own words, under a colour that is green only where every
// stanza is in order. `info` exits 0 in nearly every state, and "Success" says no more than that.
// Pure.
#pragma once

#include "base/time_text.hpp"
#include "http/reply.hpp"
#include "jobs/info_cache.hpp"

#include <chrono>
#include <memory>
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

/// The whole page, made once for all who ask while it reads the same: for the same answer within
/// the same second of its age.
class info_page {
  public:
    [[nodiscard]] std::shared_ptr<const http::frozen> get(
        std::shared_ptr<const jobs::info_answer> known, wall_time now);

  private:
    std::shared_ptr<const jobs::info_answer> known_ = {};
    std::chrono::seconds age_{};
    std::shared_ptr<const http::frozen> made_ = {};
};

} // namespace restpoint::api
