// The request target (RFC 9112, 3.2): split, decoded, refused where two readers could see two
// different paths in it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace restpoint::http {

struct target {
    std::string path = {}; ///< as request::path; one '/' at the end is dropped
    std::vector<std::pair<std::string, std::string>> query = {};
    std::optional<std::string> authority = {}; ///< of an absolute target; replaces Host
};

/// Parses origin-form ("/a?b=c") and absolute-form ("http://host/a"). None for anything else and
/// for "." and ".." segments, empty ones, encoded slashes, control characters, broken escapes and
/// what is not UTF-8.
[[nodiscard]] std::optional<target> parse_target(std::string_view text);

/// Undoes percent-encoding; none for a broken escape.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

/// "a=1&b=%20" as pairs, '+' as a blank (what a form sends, in a query or as a body); none for a
/// broken escape.
[[nodiscard]] std::optional<std::vector<std::pair<std::string, std::string>>> parse_form(
    std::string_view text);

} // namespace restpoint::http
