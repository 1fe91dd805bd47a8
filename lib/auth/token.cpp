#include "auth/token.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <span>

namespace restpoint::auth {
namespace {

constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::string_view mark = "rp_";
constexpr std::size_t id_length = 8;
constexpr std::size_t secret_length = 32;

/// Five bytes are eight characters; `bytes` is a multiple of five long, so nothing is padded.
std::string base32(std::span<const unsigned char> bytes) {
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 5) {
        std::uint64_t group = 0;
        for (const auto byte : bytes.subspan(at, 5)) {
            group = group << 8U | byte;
        }
        for (unsigned shift = 40; shift > 0;) {
            shift -= 5;
            text += alphabet[group >> shift & 31U];
        }
    }
    return text;
}

bool is_base32(std::string_view text, std::size_t length) {
    return text.size() == length && text.find_first_not_of(alphabet) == text.npos;
}

} // namespace

std::string make_token(const token_bits& from) {
    return fmt::format("{}{}_{}", mark, base32(from.id), base32(from.secret));
}

std::optional<std::string_view> id_of(std::string_view token) {
    if (token.size() != mark.size() + id_length + 1 + secret_length || !token.starts_with(mark)) {
        return std::nullopt;
    }
    const auto id = token.substr(mark.size(), id_length);
    const auto rest = token.substr(mark.size() + id_length);
    if (!is_token_id(id) || rest.front() != '_' || !is_base32(rest.substr(1), secret_length)) {
        return std::nullopt;
    }
    return id;
}

bool is_token_id(std::string_view text) {
    return is_base32(text, id_length);
}

} // namespace restpoint::auth
