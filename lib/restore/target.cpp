#include "restore/target.hpp"

#include "base/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

namespace restpoint::restore {
namespace {

constexpr std::array<std::string_view, 6> kind_names{"latest", "time", "lsn",
                                                     "xid",    "name", "immediate"};
constexpr std::uint32_t first_normal_xid = 3; // PostgreSQL, transam.h, FirstNormalTransactionId
constexpr std::size_t longest_name = 63;      // PostgreSQL, MAXFNAMELEN less its end
constexpr std::size_t longest_shown = 64;

failure refused(target_kind kind, std::string_view value, std::string_view why, std::string hint) {
    return {
        errc::invalid,
        fmt::format("target {} '{}' {}", to_string(kind), presentable(value, longest_shown), why),
        std::move(hint)};
}

result<target> make_time(std::string_view value) {
    const auto time = parse_rfc3339(value);
    if (!time) {
        return refused(
            target_kind::time, value, "is no time with a zone",
            "write it as RFC 3339 does, like 2026-11-22T08:30:00Z or 2026-11-22T09:30:00+01:00");
    }
    target made{.kind = target_kind::time};
    made.time = std::chrono::floor<std::chrono::microseconds>(*time);
    return made;
}

result<target> make_lsn(std::string_view value) {
    const auto position = backrest::parse_lsn(value);
    if (!position || *position == 0) {
        return refused(
            target_kind::lsn, value, "is no position in the WAL",
            "write it as PostgreSQL does, like 0/16B3748: select pg_current_wal_lsn()");
    }
    return target{.kind = target_kind::lsn, .position = *position};
}

result<target> make_xid(std::string_view value) {
    std::uint32_t xid = 0;
    const auto* const end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, xid);
    if (error != std::errc{} || stop != end || xid < first_normal_xid) {
        return refused(
            target_kind::xid, value, "is no transaction id",
            "it is a number from 3 to 4294967295, without the epoch: "
            "select pg_current_xact_id()::xid");
    }
    return target{.kind = target_kind::xid, .xid = xid};
}

result<target> make_name(std::string_view value) {
    const bool plain = std::none_of(value.begin(), value.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    });
    if (value.empty() || value.size() > longest_name || !plain || scrub_utf8(value) != value) {
        return refused(
            target_kind::name, value, "is no name of a restore point",
            "it is what was given to pg_create_restore_point(): 1 to 63 bytes of UTF-8 without "
            "control characters");
    }
    return target{.kind = target_kind::name, .name = std::string(value)};
}

/// "2026-11-22T08:29:36.120" and the digits behind the milliseconds.
std::string with_microseconds(wall_time t) {
    using namespace std::chrono;
    const auto below = floor<microseconds>(t - floor<milliseconds>(t)).count();
    auto text = rfc3339(t);
    text.pop_back(); // Z
    return fmt::format("{}{:03}", text, below);
}

} // namespace

std::string_view to_string(target_kind kind) {
    return kind_names.at(static_cast<std::size_t>(kind));
}

std::optional<target_kind> parse_target_kind(std::string_view text) {
    const auto* const found = std::find(kind_names.begin(), kind_names.end(), text);
    if (found == kind_names.end()) {
        return std::nullopt;
    }
    return static_cast<target_kind>(found - kind_names.begin());
}

result<target> make_target(target_kind kind, std::string_view value) {
    switch (kind) {
    case target_kind::time:
        return make_time(value);
    case target_kind::lsn:
        return make_lsn(value);
    case target_kind::xid:
        return make_xid(value);
    case target_kind::name:
        return make_name(value);
    case target_kind::latest:
    case target_kind::immediate:
        break;
    }
    if (!value.empty()) {
        return refused(
            kind, value, "takes no value",
            "leave the value out, or name what it is: time, lsn, xid, name");
    }
    return target{.kind = kind};
}

std::string value_text(const target& of) {
    return of.kind == target_kind::time ? with_microseconds(of.time) + "Z" : option_text(of);
}

std::string option_text(const target& of) {
    switch (of.kind) {
    case target_kind::time:
        return with_microseconds(of.time).replace(10, 1, " ") + "+00";
    case target_kind::lsn:
        return backrest::lsn_text(of.position);
    case target_kind::xid:
        return std::to_string(of.xid);
    case target_kind::name:
        return of.name;
    case target_kind::latest:
    case target_kind::immediate:
        break;
    }
    return {};
}

std::string words(const target& of) {
    switch (of.kind) {
    case target_kind::latest:
        return "the end of the WAL";
    case target_kind::immediate:
        return "the end of the backup";
    case target_kind::name:
        return fmt::format("restore point '{}'", of.name);
    case target_kind::lsn:
        return "LSN " + value_text(of);
    case target_kind::xid:
        return "transaction " + value_text(of);
    case target_kind::time:
        break;
    }
    return value_text(of);
}

} // namespace restpoint::restore
