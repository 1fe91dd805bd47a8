#include "client/command_table.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace restpoint::client {
namespace {

// uncovered: the compiler evaluates it
constexpr unsigned bit(verb what) {
    // uncovered: the same
    return 1U << static_cast<unsigned>(what);
}

template <class... Verbs>
// uncovered: the same
constexpr unsigned of(Verbs... all) {
    // uncovered: the same
    return (bit(all) | ...);
}

constexpr std::array<std::string_view, 3> types{"full", "diff", "incr"};
constexpr std::array<std::string_view, 2> outputs{"text", "json"};
constexpr std::array<std::string_view, 6> states{"queued", "running",   "succeeded",
                                                 "failed", "cancelled", "interrupted"};
constexpr std::array<std::string_view, 13> kinds{
    "backup",  "check", "verify", "expire",         "stanza-create", "stanza-upgrade",  "annotate",
    "restore", "undo",  "forget", "postgres-start", "postgres-stop", "postgres-restart"};
constexpr std::array<std::string_view, 2> ways{"beside", "in_place"};
constexpr std::array<std::string_view, 4> acknowledged{
    "commits_missing", "managed_elsewhere", "standbys_attached", "subscribers_attached"};
constexpr std::array<std::string_view, 6> levels{"error",  "warn",  "info",
                                                 "detail", "debug", "trace"};
constexpr std::array<std::string_view, 2> modes{"fast", "immediate"};
constexpr std::array<std::string_view, 3> roles{"viewer", "operator", "admin"};

constexpr std::array<own_flag, 3> of_token_create{
    {{"--name", {}}, {"--role", roles}, {"--expires-in", {}}}};

constexpr std::array<std::string_view, 3> shutdowns{"smart", "fast", "immediate"};
constexpr std::array<own_flag, 2> of_agent{{{"--socket", {}}, {"--term", shutdowns}}};

constexpr std::array<command, 33> all_commands{{
    {"serve", {}, "", origin::nowhere, "run the service", true},
    {"agent",
     {},
     "",
     origin::nowhere,
     "--socket PATH [--term smart|fast|immediate] -- COMMAND...: runs PostgreSQL as the first "
     "process of its container",
     false,
     of_agent},
    {"config check",
     {},
     "",
     origin::nowhere,
     "look for mistakes in the configuration; exits 1 when there are any",
     true},
    {"config show",
     {},
     "",
     origin::nowhere,
     "the effective configuration, and where each value comes from",
     true},
    {"config table", {}, "", origin::nowhere, "every key as a Markdown table"},
    {"config example", {}, "", origin::nowhere, "a configuration file with every key explained"},
    {"schedule show",
     {},
     "",
     origin::nowhere,
     "each schedule, and its next five runs in its zone and in UTC",
     true},
    {"token create",
     {},
     "",
     origin::nowhere,
     "--name NAME --role viewer|operator|admin [--expires-in 365d]: makes a token and prints it, "
     "once; \"never\" makes one that does not expire",
     true,
     of_token_create},
    {"token list", {}, "", origin::nowhere, "the tokens there are, without what they open", true},
    {"token revoke",
     {},
     "NAME",
     origin::nowhere,
     "a running service refuses it within seconds",
     true},
    {"completion bash", {}, "", origin::nowhere, "a script that completes all this in bash"},
    {"completion zsh", {}, "", origin::nowhere, "the same for zsh"},
    {"backup", verb::backup, "", origin::nowhere, "takes a backup and shows it"},
    {"check", verb::check, "", origin::nowhere, "checks that WAL arrives in the repo"},
    {"verify", verb::verify, "", origin::nowhere, "looks for damage in the repo"},
    {"expire", verb::expire, "", origin::nowhere, "removes what retention lets go"},
    {"info", verb::info, "", origin::nowhere, "how the stanza is, and the backups there are"},
    {"window", verb::window, "", origin::nowhere,
     "what can be restored, and which WAL is missing; exits 1 when any is"},
    {"jobs", verb::jobs, "", origin::nowhere, "the newest jobs"},
    {"job", verb::job, "ID", origin::jobs, "one job"},
    {"logs", verb::logs, "ID", origin::jobs, "what pgBackRest said"},
    {"cancel", verb::cancel, "ID", origin::live_jobs, "ends a job"},
    {"restore", verb::restore, "", origin::nowhere,
     "shows what a restore would do, and does it once the stanza's name confirms it (an admin's "
     "token); exits 1 when it cannot be done"},
    {"undo", verb::undo, "ID", origin::jobs,
     "takes a restore back: what was there before is there again"},
    {"forget", verb::forget, "ID", origin::jobs,
     "gives up what the undo of a restore needs, and its disk space"},
    {"schedule list", verb::schedule_list, "", origin::nowhere,
     "what runs when, and what became of the last run"},
    {"schedule run", verb::schedule_run, "NAME", origin::schedules, "runs it now"},
    {"schedule pause", verb::schedule_pause, "NAME", origin::schedules,
     "leaves its runs out until it is resumed"},
    {"schedule resume", verb::schedule_resume, "NAME", origin::schedules, "lets it run again"},
    {"postgres status", verb::postgres_status, "", origin::nowhere,
     "whether the server answers, and what it is"},
    {"postgres start", verb::postgres_start, "", origin::nowhere,
     "starts the server by way of whoever runs it (postgres.control)"},
    {"postgres stop", verb::postgres_stop, "", origin::nowhere, "stops it"},
    {"postgres restart", verb::postgres_restart, "", origin::nowhere, "stops and starts it"},
}};

bool is_one_of(std::string_view value, std::span<const std::string_view> allowed) {
    return std::ranges::find(allowed, value) != allowed.end();
}

std::optional<int> number(std::string_view text) {
    int value = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc{} && stop == end && value > 0 ? std::optional(value) : std::nullopt;
}

bool take_annotation(order& made, const std::string& value) {
    const auto equals = value.find('=');
    if (equals == value.npos || equals == 0 || scrub_utf8(value) != value) {
        return false; // JSON cannot carry other bytes
    }
    made.annotations[value.substr(0, equals)] = value.substr(equals + 1);
    return true;
}

bool take_repo(order& made, const std::string& value) {
    made.repo = number(value);
    return made.repo.has_value();
}

bool take_type(order& made, const std::string& value) {
    made.type = value;
    return is_one_of(value, types);
}

bool take_output(order& made, const std::string& value) {
    made.json = value == "json";
    return is_one_of(value, outputs);
}

bool take_limit(order& made, const std::string& value) {
    made.filter["limit"] = value;
    return number(value).has_value();
}

template <std::string order::* Member>
bool take_text(order& made, const std::string& value) {
    made.*Member = value;
    return !value.empty();
}

bool take_state(order& made, const std::string& value) {
    made.filter["state"] = value;
    return is_one_of(value, states);
}

/// The service says which there are: a newer one has more.
bool take_kind(order& made, const std::string& value) {
    made.filter["kind"] = value;
    return !value.empty();
}

bool take_level(order& made, const std::string& value) {
    made.level = value;
    return is_one_of(value, levels);
}

/// False for a second one.
bool take_target(order& made, std::string_view type, const std::string& value) {
    if (!made.wish.target_type.empty()) {
        return false;
    }
    made.wish.target_type = type;
    made.wish.target_value = value;
    return true;
}

bool take_target_time(order& made, const std::string& value) {
    return !value.empty() && take_target(made, "time", value);
}

bool take_target_lsn(order& made, const std::string& value) {
    return !value.empty() && take_target(made, "lsn", value);
}

bool take_target_xid(order& made, const std::string& value) {
    return !value.empty() && take_target(made, "xid", value);
}

/// JSON cannot carry what is no UTF-8.
bool take_target_name(order& made, const std::string& value) {
    return !value.empty() && scrub_utf8(value) == value && take_target(made, "name", value);
}

bool take_immediate(order& made, const std::string&) {
    return take_target(made, "immediate", "");
}

bool take_set(order& made, const std::string& value) {
    made.wish.set = value;
    return !value.empty() && scrub_utf8(value) == value;
}

bool take_timeline(order& made, const std::string& value) {
    made.wish.timeline = number(value);
    return made.wish.timeline.has_value();
}

bool take_way(order& made, const std::string& value) {
    made.wish.way = value;
    return is_one_of(value, ways);
}

/// The service says which there are: a newer one has more.
bool take_acknowledged(order& made, const std::string& value) {
    made.wish.acknowledged.push_back(value);
    return !value.empty() && scrub_utf8(value) == value;
}

bool take_confirm(order& made, const std::string& value) {
    made.wish.confirm = value;
    return !value.empty() && scrub_utf8(value) == value;
}

bool want_plan(order& made, const std::string&) {
    made.wish.plan_only = true;
    return true;
}

bool want_runbook(order& made, const std::string&) {
    made.wish.plan_only = true;
    made.wish.runbook = true;
    return true;
}

bool take_mode(order& made, const std::string& value) {
    made.mode = value;
    return is_one_of(value, modes);
}

template <bool order::* Member, bool Value>
bool put(order& made, const std::string&) {
    made.*Member = Value;
    return true;
}

constexpr unsigned of_operations = of(verb::backup, verb::check, verb::verify, verb::expire);
constexpr unsigned starting = of_operations | of(verb::schedule_run);
constexpr unsigned of_restores = of(verb::restore, verb::undo, verb::forget);
constexpr unsigned of_server =
    of(verb::postgres_start, verb::postgres_stop, verb::postgres_restart);
constexpr unsigned everything = ~0U;
constexpr bool common = true;
constexpr bool special = false;

constexpr std::array<option, 30> all_options{{
    {"--server", "URL", "https://HOST:PORT, http://HOST:PORT or unix:/PATH",
     "https://HOST:PORT, http://HOST:PORT or unix:/PATH; else RESTPOINT_URL, else the Unix socket "
     "of this machine's configuration for root and restpoint's own user, else "
     "http://127.0.0.1:5000",
     common, everything, take_text<&order::server>},
    {"--token-file", "PATH", "the path of a file",
     "the token, on the first line; else RESTPOINT_TOKEN", common, everything,
     take_text<&order::token_file>, origin::files},
    {"--ca-file", "PATH", "the path of a file",
     "who signed the service's certificate; else RESTPOINT_CA_FILE, else who the system trusts",
     common, everything, take_text<&order::ca_file>, origin::files},
    {"--cert", "PATH", "the path of a file",
     "a certificate of yours to show over TLS; else RESTPOINT_CERT", common, everything,
     take_text<&order::certificate>, origin::files},
    {"--key", "PATH", "the path of a file", "its key; else RESTPOINT_KEY, else in the same file",
     common, everything, take_text<&order::key>, origin::files},
    {"--stanza", "NAME", "a name",
     "else that of this machine's configuration when its service is asked, else main", common,
     of_operations | of(verb::info, verb::window, verb::restore), take_text<&order::stanza>,
     origin::stanzas},
    {"--no-wait", "", "", "do not wait for the end: prints the id of the job", common,
     starting | of_server | of(verb::cancel) | of_restores, put<&order::wait, false>},
    {"--queue", "", "", "wait for a job in the way, instead of being refused", common,
     starting | of(verb::undo, verb::forget), put<&order::queue, true>},
    {"--output", "json", "text or json",
     "the service's answer on standard output, and nothing else there", common,
     everything & ~of(verb::logs), take_output, origin::words, outputs},
    {"--type", "full|diff|incr", "full, diff or incr", "of the backup; incr unless it is given",
     special, of(verb::backup), take_type, origin::words, types},
    {"--mode", "fast|immediate", "fast or immediate",
     "of the stop; immediate is as a crash, and the next start recovers", special,
     of(verb::postgres_stop, verb::postgres_restart), take_mode, origin::words, modes},
    {"--annotation", "KEY=VALUE", "KEY=VALUE, in UTF-8", "kept with the backup", special,
     of(verb::backup), take_annotation},
    {"--repo", "N", "a whole number from 1", "the repo, as pgBackRest numbers them", special,
     of(verb::backup, verb::verify, verb::expire, verb::restore), take_repo},
    {"--plan", "", "", "shows what would be done, and does nothing", special, of(verb::restore),
     want_plan},
    {"--runbook", "", "", "of the plan only the bare commands", special, of(verb::restore),
     want_runbook},
    {"--target-time", "TIME", "one target: a time with its zone, 2026-11-22T08:30:00Z",
     "behind the last commit at or before this time", special, of(verb::restore), take_target_time},
    {"--target-lsn", "LSN", "one target: a position like 0/16B3748",
     "behind the record that ends there", special, of(verb::restore), take_target_lsn},
    {"--target-xid", "XID", "one target: the id of a transaction", "behind its commit", special,
     of(verb::restore), take_target_xid},
    {"--target-name", "NAME", "one target: the name of a restore point, in UTF-8",
     "pg_create_restore_point()", special, of(verb::restore), take_target_name},
    {"--immediate", "", "one target", "the end of the backup", special, of(verb::restore),
     take_immediate},
    {"--set", "LABEL", "a backup's label", "the backup to begin with", special, of(verb::restore),
     take_set},
    {"--timeline", "N", "a whole number from 1", "else the one that the server writes", special,
     of(verb::restore), take_timeline},
    {"--way", "beside|in_place", "beside or in_place",
     "next to the present data while the server runs, or over them", special, of(verb::restore),
     take_way, origin::words, ways},
    {"--acknowledge", "CODE", "the code of a refusal", "of a refusal that you know and accept",
     special, of(verb::restore), take_acknowledged, origin::words, acknowledged},
    {"--confirm", "STANZA", "the name of the stanza", "instead of typing it", special, of_restores,
     take_confirm},
    {"--state", "STATE", "queued, running, succeeded, failed, cancelled or interrupted",
     "jobs in this state", special, of(verb::jobs), take_state, origin::words, states},
    {"--kind", "KIND", "a kind of job: backup, check and the like", "jobs of this kind", special,
     of(verb::jobs), take_kind, origin::words, kinds},
    {"--limit", "N", "a whole number from 1", "how many, at the most", special, of(verb::jobs),
     take_limit},
    {"--follow", "", "", "goes on while the job runs", special, of(verb::logs),
     put<&order::follow, true>},
    {"--level", "LEVEL", "error, warn, info, detail, debug or trace",
     "lines of this level and graver ones", special, of(verb::logs), take_level, origin::words,
     levels},
}};

} // namespace

std::span<const command> commands() {
    return all_commands;
}

std::span<const option> options() {
    return all_options;
}

const command& command_of(verb what) {
    return *std::ranges::find(all_commands, std::optional(what), &command::what);
}

const option* find_option(verb what, std::string_view name) {
    const auto found = std::ranges::find(all_options, name, &option::name);
    return found != all_options.end() && found->belongs_to(what) ? &*found : nullptr;
}

} // namespace restpoint::client
