#include "job_exec.hpp"

#include "backrest/log_line.hpp"
#include "process/shim.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <optional>

namespace restpoint {
namespace {

using process::line_fate;

template <class Number>
bool parse_number(std::string_view text, Number& out) {
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, out);
    return error == std::errc{} && stop == end && out >= 0;
}

std::optional<process::shim_options> parse(std::span<const std::string> arguments) {
    constexpr std::size_t command = 9; // four options with their values, then "--"
    if (arguments.size() <= command || arguments[0] != "--folder" || arguments[2] != "--id" ||
        arguments[4] != "--detail-cap" || arguments[6] != "--orphan-grace" ||
        arguments[8] != "--") {
        return {};
    }
    process::shim_options options;
    options.folder = arguments[1];
    options.id = arguments[3];
    if (!parse_number(arguments[5], options.detail_cap) ||
        !parse_number(arguments[7], options.orphan_grace_s)) {
        return {};
    }
    options.argv.assign(arguments.begin() + command, arguments.end());
    return options;
}

/// Lines below an entry share its fate: half a message would be worse than none.
class line_judge {
  public:
    line_fate operator()(std::string_view line) {
        if (backrest::is_reference_noise(line)) {
            return last_ = line_fate::drop;
        }
        const auto parsed = backrest::parse_log_line(line);
        if (parsed.what == backrest::log_line::form::continuation) {
            return last_;
        }
        const bool verbose = parsed.level && *parsed.level >= backrest::log_level::detail;
        return last_ = verbose ? line_fate::detail : line_fate::keep;
    }

  private:
    line_fate last_ = line_fate::keep;
};

/// In the form of pgBackRest's own lines, local time included, so that one reader takes both.
std::string own_line(std::string_view text) {
    const auto now = std::chrono::system_clock::now();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now - seconds).count();
    const std::time_t clock = std::chrono::system_clock::to_time_t(seconds);
    std::tm local{};
    ::localtime_r(&clock, &local);
    return fmt::format(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03} {} {:>6}: {}", local.tm_year + 1900,
        local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec, ms,
        backrest::own_process, "WARN", text);
}

} // namespace

int run_job_exec(std::span<const std::string> arguments) {
    const auto options = parse(arguments);
    if (!options) {
        fmt::print(
            stderr, "restpoint: job-exec is internal and takes --folder F --id ID --detail-cap "
                    "BYTES --orphan-grace SECONDS -- argv...\n");
        return 2;
    }
    return process::run_shim(*options, line_judge{}, own_line);
}

} // namespace restpoint
