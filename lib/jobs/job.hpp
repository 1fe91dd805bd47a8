// A job: one run of a pgBackRest command, or of work of our own (a restore, a stop of PostgreSQL), from
// the request to its last word. Pure values and rules.
#pragma once

#include "backrest/command.hpp"
#include "backrest/outcome.hpp"
#include "backrest/progress.hpp"
#include "base/time_text.hpp"
#include "process/identity.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::jobs {

/// Ascending; a string on the wire. A row that retention took leaves its number unused, so that
/// "gone" can be told from "never was".
using job_id = std::int64_t;

enum class job_kind {
    backup,
    stanza_create,
    check,
    verify,
    expire,
    stanza_upgrade,
    annotate,
    restore,
    undo,   ///< of a restore: back to the cluster that it replaced
    forget, ///< gives up what the undo of a restore needs
    postgres_start,
    postgres_stop,
    postgres_restart
};
enum class job_state { queued, running, succeeded, failed, cancelled, interrupted };

[[nodiscard]] std::string_view to_string(job_kind kind);
[[nodiscard]] std::string_view to_string(job_state state);
[[nodiscard]] std::optional<job_kind> parse_job_kind(std::string_view text);
[[nodiscard]] std::optional<job_state> parse_job_state(std::string_view text);

[[nodiscard]] bool is_final(job_state state);

/// queued → running | cancelled | interrupted | failed; running → succeeded | failed | cancelled |
/// interrupted, and → queued when restpoint died before anything was run; nothing leaves a final
/// state.
[[nodiscard]] bool may_become(job_state from, job_state to);

/// Whether restpoint itself does the work, in a child of its own, instead of one pgBackRest command.
[[nodiscard]] bool is_own_work(job_kind kind);

/// What is to be done. Two requests are identical when their specs are equal.
struct job_spec {
    job_kind kind = job_kind::backup;
    std::string stanza = {};
    std::optional<backrest::backup_type> type = {}; ///< backup only
    /// Of a backup; in annotate, an empty value takes the key away.
    std::map<std::string, std::string> annotations = {};
    std::optional<int> repo = {}; ///< backup, verify, expire and annotate only
    std::string set = {};         ///< a backup's label: annotate, and expire of one set
    bool dry_run = false;         ///< expire only: changes nothing
    std::string order = {};       ///< of work of our own: all that its child must know, JSON

    friend bool operator==(const job_spec&, const job_spec&) = default;
};

/// Not for work of our own.
[[nodiscard]] backrest::command to_command(const job_spec& spec);

struct job {
    job_id id = 0;
    job_spec spec = {};
    job_state state = job_state::queued;
    std::string requested_by = {}; ///< "http 127.0.0.1", "schedule PG_BACKUP_TIME", "start"
    wall_time created = {};
    std::optional<wall_time> started = {};
    std::optional<wall_time> finished = {};
    std::optional<wall_time> cancel_requested = {};
    std::optional<int> exit_code = {}; ///< of pgBackRest, when it exited
    std::optional<backrest::command_error> error = {};
    std::optional<std::string> label = {}; ///< the backup set it made
    std::optional<std::uint64_t> backup_size = {};
    bool expire_failed = false; ///< the set exists, the expire behind it failed
    std::string report = {}; ///< of work of our own: what it did, a JSON object; empty without one
    std::optional<process::identity> shim = {};
    std::uint64_t log_bytes = 0;
    std::uint64_t log_lines = 0;
    std::uint64_t log_dropped = 0;             ///< lines that a full disk or the cap cost
    std::optional<wall_time> log_removed = {}; ///< when retention took the log; the row stayed
    double cpu_seconds = 0;
    backrest::progress progress = {}; ///< live only; not in the store
};

} // namespace restpoint::jobs
