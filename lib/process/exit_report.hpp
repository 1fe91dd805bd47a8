// `jobs/ID.exit`: what the shim leaves behind when the last process of a job is gone. JSON, written
// once, atomically, synced.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace restpoint::process {

struct exit_report {
    /// Of this format; newer ones only add fields, so an older shim is still understood.
    int version = 1;
    bool started = false;              ///< false: the child was never started, `error` says why
    std::optional<int> exit_code = {}; ///< of the leader; neither code nor signal: not known
    std::optional<int> signal = {};    ///< that ended the leader
    std::string error = {}; ///< why the child could not be started; `error_code` its class
    /// "not_found" | "io" | "abandoned" (nobody gave the word); empty when started.
    std::string error_code = {};
    std::string started_at = {}; ///< RFC 3339
    std::string finished_at = {};
    double cpu_user = 0; ///< seconds, all descendants
    double cpu_system = 0;
    std::int64_t max_rss = 0; ///< bytes, the largest descendant
    std::uint64_t lines = 0;  ///< that reached the log
    std::uint64_t bytes = 0;
    std::uint64_t noise = 0;   ///< lines left out as noise
    std::uint64_t dropped = 0; ///< lines lost to a full disk or past the cap
    std::uint64_t orphans = 0; ///< processes that outlived the leader and had to be stopped

    friend bool operator==(const exit_report&, const exit_report&) = default;
};

[[nodiscard]] std::string to_json(const exit_report& report);

/// Fails with `invalid`, naming the place, on anything that is not a report.
[[nodiscard]] result<exit_report> parse_exit_report(std::string_view json);

} // namespace restpoint::process
