#include "api/rate_limit.hpp"

namespace restpoint::api {

rate_limit::verdict rate_limit::ask(clock::time_point now) {
    verdict given;
    if (now - began_ >= std::chrono::seconds{1}) {
        given.left_out = asked_ > most_ ? asked_ - most_ : 0;
        began_ = now;
        asked_ = 0;
    }
    ++asked_;
    if (asked_ > most_) {
        given.what = asked_ == most_ + 1 ? advice::announce : advice::leave_out;
    }
    return given;
}

} // namespace restpoint::api
