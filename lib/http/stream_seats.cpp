#include "http/stream_seats.hpp"

#include <algorithm>

namespace restpoint::http {

stream_seats::stream_seats(std::size_t max_connections)
    : all_(std::max<std::size_t>(max_connections - max_connections / 4, 1)),
      each_(std::max<std::size_t>(max_connections / 2, 1)) {}

stream_seats::seat stream_seats::take(const std::string& who) {
    const auto known = of_.find(who);
    const auto held = known == of_.end() ? 0 : known->second;
    if (taken_ >= all_ || held >= each_) {
        return nullptr;
    }
    of_[who] = held + 1;
    ++taken_;
    // Counts down when the stream is over, however it ended.
    return {this, [this, who](const void*) { give_back(who); }};
}

void stream_seats::give_back(const std::string& who) {
    --taken_;
    const auto known = of_.find(who);
    if (--known->second == 0) {
        of_.erase(known);
    }
}

} // namespace restpoint::http
