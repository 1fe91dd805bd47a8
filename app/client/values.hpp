// What the service answers, as values. Lenient: what is absent or of another type stays empty, so
// that an older client reads a newer service. Pure.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::client {

struct progress {
    std::string phase = {};
    std::optional<std::uint64_t> bytes_done = {};
    std::optional<std::uint64_t> bytes_total = {};
    std::optional<double> percent = {};
    std::optional<std::uint64_t> rate = {}; ///< bytes per second
    std::optional<std::uint64_t> eta = {};  ///< seconds

    friend bool operator==(const progress&, const progress&) = default;
};

struct job_error {
    std::optional<std::int64_t> code = {};
    std::string name = {};
    std::string message = {};
    std::string hint = {};
};

struct job {
    std::string id = {};
    std::string kind = {};
    std::string stanza = {};
    std::string type = {};
    std::string state = {};
    std::string requested_by = {};
    std::string created = {}; ///< times as they came: RFC 3339
    std::string started = {};
    std::string finished = {};
    std::optional<job_error> error = {};
    std::optional<progress> now = {};
    std::string label = {};
    std::optional<std::uint64_t> backup_size = {};
    bool expire_failed = false;
    /// Of a restore: until when it can be undone, and how long the server was away.
    std::string reversible_until = {};
    std::optional<std::uint64_t> downtime_ms = {};
    std::string undone_by = {}; ///< a job
    bool forgotten = false;
    std::string previous = {}; ///< where the cluster lies that it replaced
};

struct backup {
    std::string label = {};
    std::string type = {};
    std::string started = {};
    std::string finished = {};
    std::optional<std::uint64_t> database_bytes = {};
    std::optional<std::uint64_t> repo_delta_bytes = {};
    std::optional<std::uint64_t> repo = {};
    bool page_error = false;
};

struct schedule {
    std::string name = {};
    std::string action = {};
    std::string type = {};
    std::string cron = {};
    std::string time_zone = {};
    bool enabled = true;
    bool paused = false;
    std::string next = {}; ///< in its own zone; empty: nothing is due
    std::string last = {}; ///< what became of the newest run
};

struct stanza {
    std::string name = {};
    std::string state = {};
    std::vector<std::string> reasons = {}; ///< why it is not ok, in sentences
};

/// PostgreSQL, as the service sees it. What it does not know is empty.
struct server {
    std::string state = {};
    std::string detail = {}; ///< why it is not running
    std::string role = {};
    std::string version = {};
    std::optional<std::uint64_t> timeline = {};
    std::string lsn = {};
    bool archiving_fails = false;
};

/// Why the service refused (RFC 9457).
struct problem {
    std::string code = {};
    std::string detail = {};
    std::string hint = {};
    std::string job = {}; ///< what is in the way
};

/// They fail with `io` on what is not JSON of this kind. Text in them has no control characters.
[[nodiscard]] result<job> parse_job(std::string_view json);
[[nodiscard]] result<std::vector<job>> parse_jobs(std::string_view json);
[[nodiscard]] result<std::vector<backup>> parse_backups(std::string_view json);
[[nodiscard]] result<schedule> parse_schedule(std::string_view json);
[[nodiscard]] result<std::vector<schedule>> parse_schedules(std::string_view json);
[[nodiscard]] result<stanza> parse_stanza(std::string_view json);
[[nodiscard]] result<std::vector<stanza>> parse_stanzas(std::string_view json);
[[nodiscard]] result<server> parse_server(std::string_view json);
[[nodiscard]] result<progress> parse_progress(std::string_view json);

/// The line in a `log` event.
[[nodiscard]] result<std::string> parse_log_event(std::string_view json);

/// Never fails: of what is no problem document only the status is left.
[[nodiscard]] problem parse_problem(std::string_view json);

} // namespace restpoint::client
