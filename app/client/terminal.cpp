#include "client/terminal.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace restpoint::client {
namespace {

std::string_view variable(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::size_t columns() {
    constexpr std::size_t usual = 80;
    winsize size{};
    const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    // The last column stays free: some terminals wrap as soon as it is written.
    return (known ? size.ws_col : usual) - 1;
}

} // namespace

bool is_terminal(int fd) {
    return ::isatty(fd) == 1 && variable("TERM") != "dumb";
}

colour colour_of(int fd) {
    return is_terminal(fd) && variable("NO_COLOR").empty() ? colour::ansi : colour::none;
}

std::string ask_on_terminal(std::string_view question) {
    fmt::print(stderr, "{}", question);
    std::fflush(stderr);
    std::array<char, 256> line{};
    if (std::fgets(line.data(), static_cast<int>(line.size()), stdin) == nullptr) {
        fmt::print(stderr, "\n");
        return {};
    }
    const std::string_view typed = line.data();
    return std::string(typed.substr(0, typed.find_first_of("\r\n")));
}

narration::narration() : moves_(is_terminal(STDERR_FILENO)) {}

void narration::say(std::string_view line) {
    const auto shown = bar_;
    clear();
    fmt::print(stderr, "{}\n", line);
    if (!shown.empty()) {
        draw();
    }
}

void narration::moved(const progress& now) {
    now_ = now;
    if (moves_) {
        draw();
    } else if (const auto line = lines_.look(now)) {
        fmt::print(stderr, "{}", *line);
    }
}

void narration::draw() {
    bar_ = progress_bar(now_, columns());
    fmt::print(stderr, "\r\x1b[K{}", bar_);
    std::fflush(stderr);
}

void narration::clear() {
    if (!bar_.empty()) {
        fmt::print(stderr, "\r\x1b[K");
        std::fflush(stderr);
        bar_.clear();
    }
}

} // namespace restpoint::client
