#include "restore/narration.hpp"

#include "backrest/log_line.hpp"
#include "base/file.hpp"
#include "base/utf8.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <string>

namespace restpoint::restore {
namespace {

constexpr std::size_t longest_line = 4000;

std::string_view level_of(tone how) {
    switch (how) {
    case tone::info:
        return "INFO";
    case tone::warn:
        return "WARN";
    case tone::error:
        return "ERROR";
    }
    return "INFO";
}

} // namespace

void say(tone how, std::string_view text) {
    const auto now = std::chrono::system_clock::now();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now - seconds).count();
    const std::time_t clock = std::chrono::system_clock::to_time_t(seconds);
    std::tm local{};
    ::localtime_r(&clock, &local);
    auto shown = presentable(text, longest_line);
    std::replace(shown.begin(), shown.end(), '\n', ' ');
    const auto line = fmt::format(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03} {} {:>6}: {}\n", local.tm_year + 1900,
        local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec, ms,
        backrest::own_process, level_of(how), shown);
    // Who reads it may be gone; the work is not for him alone.
    [[maybe_unused]] const auto written = write_all(STDOUT_FILENO, line);
}

void say_step(std::string_view name, std::string_view text) {
    say(tone::info, fmt::format("step {}: {}", name, text));
}

} // namespace restpoint::restore
