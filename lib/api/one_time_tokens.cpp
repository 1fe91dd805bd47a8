#include "api/one_time_tokens.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace restpoint::api {
namespace {

std::string random_hex() {
    std::array<unsigned char, 16> bits{};
    if (RAND_bytes(bits.data(), static_cast<int>(bits.size())) != 1) {
        // uncovered: OpenSSL ends the process or has random bytes
        throw std::runtime_error("no random bytes for a token");
    }
    std::string text;
    for (const auto byte : bits) {
        text += fmt::format("{:02x}", byte);
    }
    return text;
}

bool same(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace

one_time_tokens::one_time_tokens(std::size_t capacity, clock::duration lifetime)
    : capacity_(capacity), lifetime_(lifetime) {}

std::string one_time_tokens::issue(std::string path, clock::time_point now) {
    forget_old(now);
    if (issued_.size() >= capacity_) {
        issued_.pop_front();
    }
    issued_.push_back({random_hex(), std::move(path), now + lifetime_});
    return issued_.back().token;
}

bool one_time_tokens::redeem(std::string_view token, std::string_view path, clock::time_point now) {
    forget_old(now);
    const auto found = std::find_if(issued_.begin(), issued_.end(), [&](const entry& e) {
        return e.path == path && same(e.token, token);
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
