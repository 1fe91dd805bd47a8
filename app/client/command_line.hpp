// What the words behind `restpoint` ask of the service. Pure: the environment is handed in.
#pragma once

#include "base/result.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::client {

enum class verb {
    backup,
    check,
    verify,
    expire,
    info,
    window,
    jobs,
    job,
    logs,
    cancel,
    schedule_list,
    schedule_run,
    schedule_pause,
    schedule_resume,
    restore,
    undo,
    forget,
    postgres_status,
    postgres_start,
    postgres_stop,
    postgres_restart
};

/// What is wanted of a restore.
struct restore_wish {
    bool plan_only = false;       ///< nothing is done
    bool runbook = false;         ///< only the commands are shown
    std::string target_type = {}; ///< "time"; empty: the end of the WAL
    std::string target_value = {};
    std::string set = {};
    std::optional<int> timeline = {};
    std::string way = {};
    std::vector<std::string> acknowledged = {};
    std::string confirm = {}; ///< the stanza's name
};

/// A command line that is understood.
struct order {
    verb what = verb::jobs;
    std::string server = "http://127.0.0.1:5000";
    std::string token_file = {};
    std::string ca_file = {}; ///< this and the next two: PEM files for TLS
    std::string certificate = {};
    std::string key = {};
    std::string stanza = "main";
    bool json = false;
    bool wait = true;
    bool queue = false;
    bool follow = false;
    std::string type = "incr"; ///< what pgBackRest takes when it is told nothing
    std::optional<int> repo = {};
    std::map<std::string, std::string> annotations = {};
    std::map<std::string, std::string> filter = {}; ///< of jobs, as the query has it
    std::string level = {};
    std::string mode = {}; ///< of a stop; empty: fast
    std::string id = {};   ///< of a job; of a schedule its name
    restore_wish wish = {};
};

/// Who is asked where nobody says whom: empty where this machine knows of none.
struct usual_service {
    std::string server = {};
    std::string stanza = {}; ///< that of its configuration
};

/// Of "backup" or "schedule run"; none for what is no command of the client.
[[nodiscard]] std::optional<verb> parse_verb(std::string_view text);

/// `arguments` without the command; `usual` is asked without --server, and then for its own stanza.
/// Takes `--name value` and `--name=value`. Fails with `invalid`.
[[nodiscard]] result<order> parse_command_line(
    verb what, std::span<const std::string> arguments, const usual_service& usual);

} // namespace restpoint::client
