#include "auth/failed_logins.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace restpoint::auth {

std::string caller_network(std::string_view address) {
    constexpr std::array<unsigned char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    const std::string text(address);
    std::array<unsigned char, 16> bytes{};
    if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) {
        return text;
    }
    if (std::equal(mapped.begin(), mapped.end(), bytes.begin())) {
        return text.substr(text.rfind(':') + 1);
    }
    return {bytes.begin(), bytes.begin() + 8};
}

std::optional<std::chrono::seconds> failed_logins::fail(
    std::string_view address, clock::time_point now) {
    const auto key = caller_network(address);
    auto known = settled_at_.find(key);
    if (known == settled_at_.end()) {
        make_room(now);
        known = settled_at_.emplace(key, now).first;
    }
    auto& settled = known->second;
    const auto begin = std::max(settled, now);
    const auto allowed = limits_.one_per * limits_.at_once;
    if (begin + limits_.one_per - now > allowed) {
        return std::chrono::ceil<std::chrono::seconds>(begin + limits_.one_per - now - allowed);
    }
    settled = begin + limits_.one_per;
    return std::nullopt;
}

void failed_logins::make_room(clock::time_point now) {
    if (settled_at_.size() < limits_.most_addresses) {
        return;
    }
    std::erase_if(settled_at_, [now](const auto& entry) { return entry.second <= now; });
    if (settled_at_.size() >= limits_.most_addresses) {
        settled_at_.erase(std::ranges::min_element(
            settled_at_, {}, [](const auto& entry) { return entry.second; }));
    }
}

} // namespace restpoint::auth
