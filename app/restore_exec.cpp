#include "restore_exec.hpp"

#include "base/file.hpp"
#include "base/time_text.hpp"
#include "configuration.hpp"
#include "control_options.hpp"
#include "own_report.hpp"
#include "restore/narration.hpp"
#include "restore/perform.hpp"
#include "serve/child_environment.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <string>

namespace json = boost::json;

namespace restpoint {
namespace {

restore::work_options options_of(const config::settings& settings) {
    restore::work_options how;
    how.invocation = {
        settings.pgbackrest.binary, settings.pgbackrest.config, settings.pgbackrest.stanza};
    how.environment = child_environment(environ, settings.pgbackrest.environment);
    how.live.socket_dir = settings.postgres.socket_dir;
    how.live.port = settings.postgres.port;
    how.live.user = settings.postgres.user;
    how.live.database = settings.postgres.database;
    how.control = control_options_of(settings);
    how.bin_dir = settings.postgres.bin_dir;
    how.check_sql = settings.restore.check_sql;
    return how;
}

backrest::command_error error_of(const restore::performance& ended) {
    backrest::command_error error;
    error.name = ended.how == restore::ending::open ? "broken_off" : "rolled_back";
    error.message = ended.why->detail;
    error.hint = ended.why->hint;
    if (ended.how == restore::ending::rolled_back) {
        error.message += "; the old cluster is what there is";
    }
    return error;
}

/// Until when the service keeps what an undo needs: see restore.keep_previous_h.
std::string with_end_of_undo(const std::string& report, std::chrono::hours keep) {
    boost::system::error_code bad;
    auto told = json::parse(report, bad);
    const auto* const can =
        !bad && told.is_object() ? told.get_object().if_contains("can_be_undone") : nullptr;
    if (can == nullptr || !can->is_bool() || !can->get_bool()) {
        return report;
    }
    told.get_object()["reversible_until"] = rfc3339(std::chrono::system_clock::now() + keep);
    return json::serialize(told);
}

} // namespace

int run_restore_exec(std::span<const std::string> arguments) {
    const bool back = arguments.size() > 1 && arguments[1] == "--turn-back";
    const std::size_t dashes = back ? 2 : 1;
    if (arguments.size() <= dashes || arguments[dashes] != "--") {
        fmt::print(stderr, "restpoint: restore-exec is internal\n");
        return 2;
    }
    ::umask(0077);
    const auto configured = load_configuration(arguments.subspan(dashes + 1));
    if (!configured.loaded.problems.empty()) {
        return report_problems(configured.loaded);
    }
    const auto& file = arguments[0];
    const auto text = read_file(file);
    auto order = text ? restore::parse_order(*text) : text.error();
    if (!order) {
        restore::say(restore::tone::error, order.error().detail);
        return 2;
    }
    auto how = options_of(configured.loaded.values);
    how.control.data_dir = order->data;
    const auto ended = restore::perform(
        *order, std::move(how), back ? restore::wish::turn_back : restore::wish::go_on);
    jobs::own_work::last_words words;
    words.report = with_end_of_undo(ended.report, configured.loaded.values.restore.keep_previous);
    if (ended.why && ended.how != restore::ending::cancelled) {
        restore::say(restore::tone::error, ended.why->detail);
        words.error = error_of(ended);
    }
    if (const auto written = write_own_report(file, words); !written) {
        restore::say(restore::tone::warn, written.error().detail);
    }
    return static_cast<int>(ended.how);
}

} // namespace restpoint
