// What the JSON of our answers is made of: text that is UTF-8 whatever it came from, and null for
// what is not known. Pure.
#pragma once

#include "base/time_text.hpp"
#include "base/utf8.hpp"

#include <boost/json/value.hpp>

#include <concepts>
#include <optional>
#include <string>
#include <string_view>

namespace restpoint::api {

[[nodiscard]] inline boost::json::value text(std::string_view s) {
    return boost::json::value(boost::json::string(scrub_utf8(s)));
}

/// Null for what is empty.
[[nodiscard]] inline boost::json::value text_or_null(std::string_view s) {
    return s.empty() ? boost::json::value(nullptr) : text(s);
}

/// Null for what is not there; an empty text is one. A std::string is not taken for this.
[[nodiscard]] boost::json::value text_or_null(
    const std::same_as<std::optional<std::string>> auto& s) {
    return s ? text(*s) : boost::json::value(nullptr);
}

[[nodiscard]] inline boost::json::value time_or_null(const std::optional<wall_time>& t) {
    return t ? text(rfc3339(*t)) : boost::json::value(nullptr);
}

template <class Number>
[[nodiscard]] boost::json::value number_or_null(const std::optional<Number>& n) {
    return n ? boost::json::value(*n) : boost::json::value(nullptr);
}

} // namespace restpoint::api
