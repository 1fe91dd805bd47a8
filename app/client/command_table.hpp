// What `restpoint` can be told, in one table: the command line, --help and the shells' completion
// come from it. Pure.
#pragma once

#include "client/command_line.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace restpoint::client {

/// Where the words come from that may stand behind a command or an option.
enum class origin {
    nowhere,
    words, ///< those of the table
    files,
    stanzas,
    jobs,
    live_jobs, ///< queued or running
    schedules
};

/// A flag of a command that asks no service.
struct own_flag {
    std::string_view name = {};
    std::span<const std::string_view> words = {};
};

struct command {
    std::string_view name = {};
    std::optional<verb> what = {}; ///< none: it asks no service
    std::string_view operand = {}; ///< "ID"; empty: there is none
    origin operands = origin::nowhere;
    std::string_view summary = {};
    bool service_flags = false; ///< it takes --config and the configuration's keys
    std::span<const own_flag> flags = {};
};

/// False for a value that cannot be right.
using taker = bool (*)(order& made, const std::string& value);

/// A flag of commands that ask a service.
struct option {
    std::string_view name = {};
    std::string_view value = {};   ///< what --help puts for it; empty: it takes none
    std::string_view allowed = {}; ///< in words, for a refusal
    std::string_view summary = {};
    bool common = false; ///< --help tells it once, not beside each command
    unsigned verbs = 0;
    taker take = nullptr;
    origin from = origin::nowhere;
    std::span<const std::string_view> words = {};

    [[nodiscard]] bool belongs_to(verb what) const {
        return (verbs & (1U << static_cast<unsigned>(what))) != 0;
    }
};

[[nodiscard]] std::span<const command> commands();
[[nodiscard]] std::span<const option> options();

[[nodiscard]] const command& command_of(verb what);

/// Of "--stanza"; nullptr when `what` takes no such option.
[[nodiscard]] const option* find_option(verb what, std::string_view name);

} // namespace restpoint::client
