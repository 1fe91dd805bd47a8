// Text from outside, made harmless for where it is written. Pure.
#pragma once

#include "base/escape_html.hpp"
#include "base/utf8.hpp"

#include <string>
#include <string_view>

namespace restpoint::http {

using restpoint::escape_html;
using restpoint::scrub_utf8;

/// `text` as one segment of a path, or one name or value of a query: all but RFC 3986's unreserved
/// characters percent-encoded.
[[nodiscard]] std::string query_escape(std::string_view text);

} // namespace restpoint::http
