#include "auth/secrets.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <span>
#include <stdexcept>

namespace restpoint::auth {
namespace {

std::string hex(std::span<const unsigned char> bytes) {
    std::string text;
    for (const auto byte : bytes) {
        text += fmt::format("{:02x}", byte);
    }
    return text;
}

} // namespace

std::string random_hex() {
    std::array<unsigned char, 16> bits{};
    if (RAND_bytes(bits.data(), static_cast<int>(bits.size())) != 1) {
        // uncovered: OpenSSL ends the process or has random bytes
        throw std::runtime_error("no random bytes for a secret");
    }
    return hex(bits);
}

std::string sha256_hex(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) {
        // uncovered: a library without SHA-256 is not one we are linked with
        throw std::runtime_error("cannot compute a SHA-256");
    }
    return hex(std::span(digest).first(length));
}

bool same_secret(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace restpoint::auth
