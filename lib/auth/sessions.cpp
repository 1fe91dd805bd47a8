#include "auth/sessions.hpp"

#include "auth/secrets.hpp"

#include <algorithm>
#include <utility>

namespace restpoint::auth {

std::string sessions::begin(std::string token_id, clock::time_point now) {
    make_room(token_id, now);
    auto secret = random_hex();
    open_.push_back({sha256_hex(secret), std::move(token_id), now + limits_.lifetime});
    return secret;
}

std::optional<std::string> sessions::token_of(
    std::string_view secret, clock::time_point now) const {
    const auto found = std::ranges::find(open_, sha256_hex(secret), &session::hash);
    if (found == open_.end() || found->until <= now) {
        return std::nullopt;
    }
    return found->token_id;
}

void sessions::end(std::string_view secret) {
    std::erase_if(open_, [hash = sha256_hex(secret)](const auto& s) { return s.hash == hash; });
}

void sessions::make_room(const std::string& token_id, clock::time_point now) {
    while (!open_.empty() && (open_.front().until <= now || open_.size() >= limits_.most)) {
        open_.pop_front();
    }
    const auto of_this = [&token_id](const session& s) { return s.token_id == token_id; };
    const auto many = static_cast<std::size_t>(std::ranges::count_if(open_, of_this));
    if (many >= limits_.most_of_a_token) {
        open_.erase(std::ranges::find_if(open_, of_this));
    }
}

} // namespace restpoint::auth
