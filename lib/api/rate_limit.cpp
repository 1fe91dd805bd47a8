#include "api/rate_limit.hpp"

#include <utility>

namespace restpoint::api {

rate_limit::verdict rate_limit::ask(clock::time_point now) {
    verdict given;
    given.left_out = take_left_out(now);
    if (asked_++ == 0) {
        began_ = now;
    }
    if (asked_ > most_) {
        given.what = asked_ == most_ + 1 ? advice::announce : advice::leave_out;
    }
    return given;
}

std::uint64_t rate_limit::take_left_out(clock::time_point now) {
    if (now - began_ < std::chrono::seconds{1}) {
        return 0;
    }
    const auto asked = std::exchange(asked_, 0);
    return asked > most_ ? asked - most_ : 0;
}

} // namespace restpoint::api
