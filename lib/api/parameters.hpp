// What a request asks for, checked: numbers, switches, levels, filters. Pure; every failure is
// `invalid` and names the parameter, the value and what is allowed.
#pragma once

#include "backrest/log_line.hpp"
#include "base/result.hpp"
#include "http/request.hpp"
#include "jobs/store.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace restpoint::api {

/// Decimal digits and nothing else, up to 2^64 - 1.
[[nodiscard]] std::optional<std::uint64_t> parse_number(std::string_view text);

/// A job id as it stands in a path: a positive number without leading zeros; none for anything
/// else.
[[nodiscard]] std::optional<jobs::job_id> parse_job_id(std::string_view text);

/// true, 1 or an empty value is yes; false or 0 is no; `no` when the parameter is not there.
[[nodiscard]] result<bool> flag_parameter(const http::request& asked, std::string_view name);

/// ?level=; none when it is not there.
[[nodiscard]] result<std::optional<backrest::log_level>> level_parameter(
    const http::request& asked);

/// One page of a list.
struct page_wish {
    int limit = 50;
    std::optional<std::int64_t> before = {}; ///< the cursor: only ids below it
};

/// ?limit=&cursor=
[[nodiscard]] result<page_wish> page_of(const http::request& asked);

/// ?state=&kind=&stanza=&limit=&cursor=
[[nodiscard]] result<jobs::job_filter> job_filter_of(const http::request& asked);

/// ?wait=true or Prefer: wait (RFC 7240; with or without a number).
[[nodiscard]] result<bool> wants_to_wait(const http::request& asked);

/// How long somebody waits who asks for more.
inline constexpr std::chrono::seconds longest_preferred_wait{60};

/// Prefer: wait=SECONDS (RFC 7240, 4.3), at most longest_preferred_wait; of several the first. None
/// without it or with something else behind it: a preference is no demand.
[[nodiscard]] std::optional<std::chrono::seconds> preferred_wait(const http::request& asked);

/// A field of an application/x-www-form-urlencoded body, as it stands; for values that need no
/// decoding. Empty when it is not there.
[[nodiscard]] std::string_view form_field(std::string_view body, std::string_view name);

} // namespace restpoint::api
