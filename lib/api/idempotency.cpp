#include "api/idempotency.hpp"

#include "api/caller.hpp"
#include "auth/secrets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace restpoint::api {
namespace {

constexpr std::string_view name = "idempotency-key";
constexpr std::size_t longest = 255;

failure bad(std::string_view what) {
    return {
        errc::invalid, fmt::format("Idempotency-Key {}", what),
        "send 1 to 255 visible ASCII characters, a new UUID for instance"};
}

/// A structured string without its quotes; none when it is none.
std::optional<std::string> unquoted(std::string_view text) {
    std::string out;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') {
            return i + 1 == text.size() ? std::optional(out) : std::nullopt;
        }
        if (text[i] == '\\') {
            ++i;
            if (i == text.size() || (text[i] != '"' && text[i] != '\\')) {
                return std::nullopt;
            }
        }
        out += text[i];
    }
    return std::nullopt;
}

bool is_visible(char c) {
    return c > ' ' && c < '\x7f';
}

/// Nothing in a method or a path is a NUL, and what is in the query says how long it is, so that no
/// other request has these bytes.
std::string digest_of(const http::request& asked) {
    std::string bytes;
    for (const auto& [key, value] : asked.query) {
        bytes += fmt::format("{0}{1}:{2}{0}{3}:{4}", '\0', key.size(), key, value.size(), value);
    }
    bytes += http::to_string(asked.verb);
    bytes += '\0';
    bytes += asked.path;
    bytes += '\0';
    bytes += asked.body;
    return auth::sha256_hex(bytes);
}

} // namespace

std::string key_scope_of(const http::request& asked) {
    if (!asked.token_id.empty()) {
        return "id " + asked.token_id;
    }
    return asked.caller.empty() ? "address " + address_of(asked) : asked.caller;
}

result<std::optional<jobs::request_key>> request_key_of(const http::request& asked) {
    const auto given = std::ranges::count_if(
        asked.headers, [](const auto& header) { return header.first == name; });
    if (given == 0) {
        return std::optional<jobs::request_key>();
    }
    if (given > 1) {
        return bad("is there more than once");
    }
    const auto text = *asked.header(name);
    auto key = text.starts_with('"') ? unquoted(text) : std::optional(std::string(text));
    if (!key) {
        return bad("begins with a quote and is no quoted string");
    }
    if (key->empty() || key->size() > longest) {
        return bad(fmt::format("has {} characters", key->size()));
    }
    if (!std::ranges::all_of(*key, is_visible)) {
        return bad("has a character that is not visible ASCII");
    }
    jobs::request_key made;
    made.scope = key_scope_of(asked);
    made.key = std::move(*key);
    made.digest = digest_of(asked);
    return std::optional(std::move(made));
}

} // namespace restpoint::api
