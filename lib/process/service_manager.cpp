#include "process/service_manager.hpp"

#include "base/log.hpp"
#include "base/unique_fd.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <system_error>

namespace restpoint::process {
namespace {

constexpr std::chrono::microseconds slowest_pace = std::chrono::seconds{5};
constexpr timeval patience{.tv_sec = 1, .tv_usec = 0};

std::optional<std::int64_t> number(const char* text) {
    const std::string_view digits = text == nullptr ? "" : text;
    std::int64_t value = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (failed != std::errc{} || end != digits.data() + digits.size() || value <= 0) {
        return std::nullopt;
    }
    return value;
}

bool is_address(std::string_view socket) {
    // As in unix(7): a path ends with a zero byte, an abstract name begins with one.
    return socket.size() > 1 && socket.size() < sizeof(sockaddr_un::sun_path) &&
           (socket.front() == '/' || socket.front() == '@');
}

/// A line feed would begin the next word.
std::string one_line(std::string_view text) {
    std::string line{text};
    std::ranges::replace(line, '\n', ' ');
    return line;
}

std::int64_t monotonic_microseconds() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

} // namespace

supervision read_supervision(
    const char* socket, const char* watchdog_usec, const char* watchdog_pid, pid_t self) {
    supervision asked;
    if (socket == nullptr || !is_address(socket)) {
        return asked;
    }
    asked.socket = socket;
    const bool is_ours = watchdog_pid == nullptr || number(watchdog_pid) == self;
    if (const auto interval = number(watchdog_usec); interval && is_ours) {
        asked.watchdog = std::chrono::microseconds{*interval};
    }
    return asked;
}

supervision own_supervision() {
    return read_supervision(
        std::getenv("NOTIFY_SOCKET"), std::getenv("WATCHDOG_USEC"), std::getenv("WATCHDOG_PID"),
        ::getpid());
}

service_manager::service_manager(supervision asked) : asked_(std::move(asked)) {}

std::chrono::microseconds service_manager::pace() const {
    return asked_.watchdog.count() == 0 ? slowest_pace
                                        : std::min(slowest_pace, asked_.watchdog / 2);
}

void service_manager::ready(std::string_view status) {
    tell(fmt::format("READY=1\nSTATUS={}", one_line(status)), 0);
}

void service_manager::reloading() {
    tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", monotonic_microseconds()), 0);
}

void service_manager::stopping(std::string_view status, std::chrono::microseconds within) {
    tell(
        fmt::format(
            "STOPPING=1\nEXTEND_TIMEOUT_USEC={}\nSTATUS={}", within.count(), one_line(status)),
        0);
}

void service_manager::alive(std::string_view status) {
    const bool is_awaited = asked_.watchdog.count() != 0;
    if (is_awaited || status != said_) {
        said_ = status;
        tell(fmt::format("WATCHDOG=1\nSTATUS={}", one_line(status)), MSG_DONTWAIT);
    }
}

void service_manager::tell(const std::string& words, int flags) {
    if (!listens()) {
        return;
    }
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    std::memcpy(where.sun_path, asked_.socket.data(), asked_.socket.size());
    if (asked_.socket.front() == '@') {
        where.sun_path[0] = '\0';
    }
    const auto length =
        static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + asked_.socket.size());
    const unique_fd speaker{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    ::setsockopt(speaker.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    ssize_t sent = 0;
    do {
        sent = ::sendto(
            speaker.get(), words.data(), words.size(), flags | MSG_NOSIGNAL,
            reinterpret_cast<const sockaddr*>(&where), length);
    } while (sent < 0 && errno == EINTR);
    if (sent >= 0) {
        complained_ = false;
    } else if (!complained_) {
        complained_ = true;
        log::warn(
            "the service manager cannot be told how we are",
            {{"socket", asked_.socket}, {"error", std::generic_category().message(errno)}});
    }
}

} // namespace restpoint::process
