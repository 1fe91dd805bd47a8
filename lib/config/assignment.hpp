// What one source says, before it is checked against the table: the common form of file,
// environment and flags.
#pragma once

#include "config/key.hpp"
#include "config/load.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::config {

struct assignment {
    const key* target = nullptr;
    value given = {};
    std::string where = {};
};

/// A key of a [[schedule]], before anything of it is checked.
struct written_key {
    std::string name;       ///< "schedule.cron"
    value given = {};       ///< monostate: of a type that no key has
    std::string shown = {}; ///< the value for a message
    std::string where = {};
};

struct written_schedule {
    std::string where = {}; ///< of its head
    std::vector<written_key> keys = {};
};

/// What a source was understood to say, and what was not understood.
struct reading {
    std::vector<assignment> assignments = {};
    std::vector<written_schedule> schedules = {};
    std::vector<problem> problems = {};
    std::optional<std::string> file = {}; ///< --config or RESTPOINT_CONFIG
    std::string file_where = {};
    bool complete = true; ///< false: there is more in the source than was understood
};

/// A TOML document. `name` stands in the places: "name:12".
[[nodiscard]] reading read_toml(
    std::string_view document, const std::string& name, std::span<const key> table);
[[nodiscard]] reading read_environment(
    const std::vector<std::string>& environment, std::span<const key> table);
[[nodiscard]] reading read_flags(
    const std::vector<std::string>& arguments, std::span<const key> table);

/// The text of an environment variable or a flag as a value of the key's form; a text that is no
/// number stays one, for its key to refuse.
[[nodiscard]] value value_of_text(const key& target, const std::string& text);

/// Checks what is written against schedule_keys() and adds the schedules and the problems. A
/// schedule with problems is added too, so that what it says elsewhere can be looked at.
void take_schedules(const std::vector<written_schedule>& written, loaded& into);

/// "KEY = VALUE must be ALLOWED", the value left out when it is secret.
[[nodiscard]] problem refuse(const assignment& what, const objection& why);

/// The value as TOML on one line, control characters escaped.
[[nodiscard]] std::string toml_text(const value& v);
[[nodiscard]] std::string toml_text(const std::string& text);

/// "did you mean 'server.listen'?", or what else helps with the unknown key `name`, or where to find the list.
[[nodiscard]] std::string suggestion(std::string_view name, std::span<const key> table);

} // namespace restpoint::config
