// One row of the configuration table: everything that is known about a key. Reading, checking,
// showing and documenting all walk the same rows, so none of them can forget a key.
#pragma once

#include "config/settings.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace restpoint::config {

using text_list = std::vector<std::string>;
using text_map = std::map<std::string, std::string>;
/// A value before it has a meaning; monostate: not set.
using value = std::variant<std::monostate, bool, std::int64_t, std::string, text_list, text_map>;

enum class shape {
    number, ///< a TOML integer
    text,   ///< a TOML string
    flag,   ///< a TOML boolean; in schedules only
    list,   ///< a TOML array of strings; separated by commas in environment and flags
    map     ///< a TOML table of strings; cannot stand in environment and flags
};

enum class secrecy {
    open,
    secret ///< never shown; the environment also takes NAME_FILE, the path of a file with the value
};

enum class presence {
    optional,
    required ///< has no default
};

/// Why a value is refused. Without `detail` the message says what is allowed.
struct objection {
    std::string hint = {};
    std::string detail = {};
};

/// `Target` is what the key is a part of: the settings, or one schedule.
template <class Target>
struct basic_key {
    std::string name; ///< "section.key"
    shape form = shape::text;
    std::string allowed; ///< completes "must be …"
    std::string help;    ///< sentences, one paragraph
    std::function<std::optional<objection>(Target&, const value&)> set; ///< a value of `form`
    std::function<value(const Target&)> get;
    std::string example = {}; ///< TOML, for keys that have no default
    secrecy secret = secrecy::open;
    presence needed = presence::optional;
};

using key = basic_key<settings>;
using schedule_key = basic_key<schedule_entry>;

/// What several keys must fulfil together. Looked at only when each of them is right by itself.
struct relation {
    std::vector<std::string> keys; ///< the first one that is not at its default is blamed
    std::function<std::optional<objection>(const settings&)> broken;
};

/// Every key, in the order of the documentation; the keys of a section stand together.
[[nodiscard]] std::span<const key> keys();
[[nodiscard]] std::span<const relation> relations();

/// The keys of one [[schedule]], named "schedule.key".
[[nodiscard]] std::span<const schedule_key> schedule_keys();

/// Whether a value is of the form that set() takes.
[[nodiscard]] bool fits(shape form, const value& given);

/// "server.listen" as "RESTPOINT_SERVER_LISTEN".
[[nodiscard]] std::string environment_name(std::string_view key);

/// "server" of "server.listen".
[[nodiscard]] std::string_view section_of(std::string_view key);
/// "listen" of "server.listen".
[[nodiscard]] std::string_view leaf_of(std::string_view key);

} // namespace restpoint::config
