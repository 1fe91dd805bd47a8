#include "api/one_time_tokens.hpp"

#include "auth/secrets.hpp"

#include <algorithm>

namespace restpoint::api {

one_time_tokens::one_time_tokens(std::size_t capacity, clock::duration lifetime)
    : capacity_(capacity), lifetime_(lifetime) {}

std::string one_time_tokens::issue(std::string path, clock::time_point now) {
    forget_old(now);
    if (issued_.size() >= capacity_) {
        issued_.pop_front();
    }
    issued_.push_back({auth::random_hex(), std::move(path), now + lifetime_});
    return issued_.back().token;
}

bool one_time_tokens::redeem(std::string_view token, std::string_view path, clock::time_point now) {
    forget_old(now);
    const auto found = std::find_if(issued_.begin(), issued_.end(), [&](const entry& e) {
        return e.path == path && auth::same_secret(e.token, token);
    });
    if (found == issued_.end()) {
        return false;
    }
    issued_.erase(found);
    return true;
}

void one_time_tokens::forget_old(clock::time_point now) {
    while (!issued_.empty() && issued_.front().until <= now) {
        issued_.pop_front();
    }
}

} // namespace restpoint::api
