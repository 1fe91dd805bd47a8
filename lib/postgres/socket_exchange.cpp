#include "postgres/socket_exchange.hpp"

#include "base/unique_fd.hpp"
#include "postgres/control_forms.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace restpoint::postgres {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t longest_answer = 1U << 20U;
constexpr auto try_again = 20ms; ///< at a listener whose queue is full

failure too_late(const std::string& path) {
    return {
        errc::timed_out, fmt::format("no answer on the socket '{}' in time", path),
        "is the process that listens there at work, or stopped?"};
}

failure explain(const std::string& path, int error) {
    auto why = system_failure(fmt::format("cannot ask on the socket '{}'", path), error);
    if (error == ENOENT || error == ENOTDIR) {
        why.code = errc::not_found;
        why.hint = "check postgres.control_socket, and that who listens there is started";
    } else if (error == ECONNREFUSED) {
        why.code = errc::unavailable;
        why.hint = "nobody listens there: start who should";
    } else if (error == EACCES || error == EPERM) {
        why.code = errc::forbidden;
        why.hint = "restpoint must run as the user that the socket belongs to";
    } else if (error == EPIPE || error == ECONNRESET) {
        why.code = errc::unavailable;
    }
    return why;
}

/// False when the deadline has passed.
bool wait_for(int fd, short events, deadline_time deadline) {
    for (;;) {
        const auto left = std::min<std::chrono::milliseconds>(time_left(deadline), 1h);
        pollfd one{fd, events, 0};
        if (::poll(&one, 1, static_cast<int>(left.count())) > 0) {
            return true;
        }
        if (time_left(deadline) == 0ms) {
            return false;
        }
    }
}

result<unique_fd> connect_to(const std::string& path, deadline_time deadline) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        return failure{
            errc::invalid, fmt::format("'{}' is no path of a socket", path),
            "set postgres.control_socket to a path of at most 107 bytes"};
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    unique_fd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!fd) {
        return explain(path, errno);
    }
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as connect(2) wants it
    const auto* const where = reinterpret_cast<const sockaddr*>(&address);
    while (::connect(fd.get(), where, sizeof address) != 0) {
        if (errno == EINTR) {
            continue;
        }
        if (errno != EAGAIN) {
            return explain(path, errno);
        }
        if (time_left(deadline) == 0ms) {
            return too_late(path);
        }
        sleep_for(try_again);
    }
    return fd;
}

result<> send_all(int fd, const std::string& path, std::string_view bytes, deadline_time deadline) {
    while (!bytes.empty()) {
        const auto n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(n));
        } else if (n < 0 && errno == EAGAIN) {
            if (!wait_for(fd, POLLOUT, deadline)) {
                return too_late(path);
            }
        } else if (n < 0 && errno != EINTR) {
            return explain(path, errno);
        }
    }
    return {};
}

result<std::string> receive(int fd, const socket_question& what, deadline_time deadline) {
    std::string answer;
    std::array<char, 4096> block{};
    while (!what.is_whole(answer)) {
        const auto n = ::recv(fd, block.data(), block.size(), 0);
        if (n == 0) {
            break;
        }
        if (n > 0) {
            answer.append(block.data(), static_cast<std::size_t>(n));
        } else if (errno == EAGAIN) {
            if (!wait_for(fd, POLLIN, deadline)) {
                return too_late(what.path);
            }
        } else if (errno != EINTR) {
            return explain(what.path, errno);
        }
        if (answer.size() > longest_answer) {
            return failure{
                errc::invalid, fmt::format("the answer on '{}' does not end", what.path),
                "check postgres.control_socket"};
        }
    }
    return answer;
}

} // namespace

result<std::string> ask_socket(const socket_question& what, deadline_time deadline) {
    const auto fd = connect_to(what.path, deadline);
    if (!fd) {
        return fd.error();
    }
    if (auto sent = send_all(fd->get(), what.path, what.bytes, deadline); !sent) {
        return sent.error();
    }
    return receive(fd->get(), what, deadline);
}

} // namespace restpoint::postgres
