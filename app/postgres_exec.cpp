#include "postgres_exec.hpp"

#include "base/file.hpp"
#include "configuration.hpp"
#include "control_options.hpp"
#include "own_report.hpp"
#include "postgres/drive.hpp"
#include "restore/narration.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <fmt/format.h>

#include <cstdio>

namespace restpoint {
namespace {

namespace json = boost::json;

json::value time_or_null(std::optional<std::chrono::milliseconds> time) {
    return time ? json::value(time->count()) : json::value(nullptr);
}

std::string report_of(const postgres::drive_report& done) {
    return json::serialize(json::object{
        {"state", to_string(done.state)},
        {"stop_ms", time_or_null(done.stop_took)},
        {"start_ms", time_or_null(done.start_took)}});
}

postgres::drive_options aloud() {
    postgres::drive_options how;
    how.say_step = [](std::string_view step, std::string_view text) {
        restore::say_step(step, text);
    };
    how.warn = [](const failure& why) {
        restore::say(
            restore::tone::warn,
            why.hint.empty() ? why.detail : fmt::format("{} ({})", why.detail, why.hint));
    };
    return how;
}

jobs::own_work::last_words words_of(const result<postgres::drive_report>& done) {
    jobs::own_work::last_words words;
    if (done) {
        words.report = report_of(*done);
        restore::say(restore::tone::info, fmt::format("PostgreSQL is {}", to_string(done->state)));
        return words;
    }
    const auto& why = done.error();
    restore::say(restore::tone::error, why.detail);
    words.error = backrest::command_error{
        .name = std::string(to_string(why.code)), .message = why.detail, .hint = why.hint};
    return words;
}

} // namespace

int run_postgres_exec(std::span<const std::string> arguments) {
    if (arguments.size() < 2 || arguments[1] != "--") {
        fmt::print(stderr, "restpoint: postgres-exec is internal\n");
        return 2;
    }
    const auto configured = load_configuration(arguments.subspan(2));
    if (!configured.loaded.problems.empty()) {
        return report_problems(configured.loaded);
    }
    const auto text = read_file(arguments[0]);
    const auto order = text ? postgres::parse_server_order(*text) : text.error();
    if (!order) {
        restore::say(restore::tone::error, order.error().detail);
        return 2;
    }
    const auto control = postgres::make_control(control_options_of(configured.loaded.values));
    const auto done = postgres::drive(*control, *order, aloud());
    if (const auto written = write_own_report(arguments[0], words_of(done)); !written) {
        restore::say(restore::tone::warn, written.error().detail);
    }
    return done ? 0 : 1;
}

} // namespace restpoint
