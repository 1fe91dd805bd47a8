#include "restore/plan_book.hpp"

#include <algorithm>
#include <utility>

namespace restpoint::restore {

plan_book::plan_book(std::size_t capacity, clock::duration lifetime)
    : capacity_(capacity), lifetime_(lifetime) {}

void plan_book::keep(kept_plan what, clock::time_point now) {
    while (!kept_.empty() && (kept_.size() >= capacity_ || kept_.front().until <= now)) {
        kept_.pop_front();
    }
    kept_.push_back({std::move(what), now + lifetime_});
}

std::optional<kept_plan> plan_book::find(std::string_view id, clock::time_point now) const {
    const auto found = std::find_if(
        kept_.begin(), kept_.end(), [&](const entry& one) { return one.what.id == id; });
    if (found == kept_.end() || found->until <= now) {
        return std::nullopt;
    }
    return found->what;
}

} // namespace restpoint::restore
