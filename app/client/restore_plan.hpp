// What a restore would do, as the service answers it, and in words. Pure.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::client {

/// Why a restore would not be carried out.
struct plan_refusal {
    std::string code = {};
    std::string message = {};
    std::string hint = {};
    bool can_be_acknowledged = false;
};

/// Times as they came: RFC 3339.
struct restore_plan {
    std::string id = {};
    std::string digest = {};
    std::string stanza = {};
    std::string target_type = {};
    std::string target_value = {}; ///< empty: latest, immediate
    bool can_be_carried_out = false;
    std::string set = {};
    std::optional<std::uint64_t> repo = {};
    std::optional<std::uint64_t> timeline = {};
    std::string wal_from = {};
    std::string wal_to = {};
    std::optional<std::uint64_t> bytes = {};
    std::optional<std::uint64_t> free_bytes = {};
    std::string way = {};
    std::string data_directory = {};
    std::optional<std::uint64_t> expected_seconds = {};
    std::optional<std::uint64_t> expected_downtime_seconds = {};
    std::string lost_from = {};
    std::string lost_until = {};
    std::optional<std::uint64_t> lost_wal = {}; ///< bytes
    std::vector<plan_refusal> refusals = {};
    std::vector<std::string> warnings = {};
    std::vector<std::string> commands = {};
};

/// Fails with `io` on what is no plan.
[[nodiscard]] result<restore_plan> parse_plan(std::string_view json);

/// What would be done, what is lost, what to mind, and why it is refused, if it is.
[[nodiscard]] std::string plan_words(const restore_plan& what);

/// The commands, for a shell; empty for a plan that is refused.
[[nodiscard]] std::string runbook_words(const restore_plan& what);

} // namespace restpoint::client
