// The plans that somebody asked for, until they are carried out or too old. A plan is kept as what
// was asked and how its essence hashed: it is made again before it is carried out, and must still be
// the same. Pure.
#pragma once

#include "restore/plan.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace restpoint::restore {

struct kept_plan {
    std::string id = {};
    std::string digest = {};
    plan_request asked = {};
};

class plan_book {
  public:
    using clock = std::chrono::steady_clock;

    explicit plan_book(std::size_t capacity = 64, clock::duration lifetime = std::chrono::hours{1});

    /// A full book forgets its oldest.
    void keep(kept_plan what, clock::time_point now);

    /// None for one that never was, or is too old.
    [[nodiscard]] std::optional<kept_plan> find(std::string_view id, clock::time_point now) const;

    [[nodiscard]] std::size_t size() const { return kept_.size(); }

  private:
    struct entry {
        kept_plan what;
        clock::time_point until;
    };
    std::size_t capacity_;
    clock::duration lifetime_;
    std::deque<entry> kept_ = {}; ///< oldest first
};

} // namespace restpoint::restore
