// What to go back to. Pure: text from a request in, a target or the reason why it is none out.
//
// A target names one state of the cluster, and only one: a time without a zone, or a number that
// could be two things, is refused with what to write instead (PostgreSQL, 20.5.5 Recovery Target).
#pragma once

#include "backrest/wal_name.hpp"
#include "base/result.hpp"
#include "base/time_text.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace restpoint::restore {

enum class target_kind {
    latest,   ///< the end of the WAL
    time,     ///< behind the last commit at or before it
    lsn,      ///< behind the record that ends there
    xid,      ///< behind the commit of this transaction
    name,     ///< a restore point: pg_create_restore_point()
    immediate ///< the end of a backup set: all that came behind it is left out
};

[[nodiscard]] std::string_view to_string(target_kind kind);
[[nodiscard]] std::optional<target_kind> parse_target_kind(std::string_view text);

struct target {
    target_kind kind = target_kind::latest;
    wall_time time = {};        ///< of a time: whole microseconds, as commits have
    backrest::lsn position = 0; ///< of an lsn
    std::uint32_t xid = 0;      ///< of an xid: 3 or above
    std::string name = {};      ///< of a name: at most 63 bytes of UTF-8 without control characters

    friend bool operator==(const target&, const target&) = default;
};

/// The target of `kind` that `value` names: RFC 3339 with its zone for a time, "0/16B3748" for an
/// lsn, digits for an xid; latest and immediate take none, so it is empty. Fails with `invalid`.
[[nodiscard]] result<target> make_target(target_kind kind, std::string_view value);

/// The value again, as make_target() takes it: a time in UTC with microseconds.
[[nodiscard]] std::string value_text(const target& of);

/// As pgBackRest's --target wants it: "2026-11-22 08:29:36.120000+00" for a time. Empty for latest
/// and immediate.
[[nodiscard]] std::string option_text(const target& of);

/// For people: "2026-11-22T08:29:36.120000Z", "restore point 'before the upgrade'".
[[nodiscard]] std::string words(const target& of);

} // namespace restpoint::restore
