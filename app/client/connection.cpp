#include "client/connection.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

namespace restpoint::client {
namespace {

using std::chrono::milliseconds;

failure unreachable(const std::string& what, std::string_view why) {
    return {
        errc::unavailable, fmt::format("{}: {}", what, why),
        "is restpoint running there? --server or RESTPOINT_URL names another address"};
}

std::string reach(const address& where) {
    switch (where.by) {
    case transport::local:
        return "cannot reach unix:" + where.path;
    case transport::tls:
        return "cannot reach https://" + where.authority;
    case transport::tcp:
        break;
    }
    return "cannot reach http://" + where.authority;
}

std::string error_text(int number) {
    return std::generic_category().message(number);
}

/// Waits until `fd` is ready, or `patience` is over: then false.
bool wait_for(int fd, short what, milliseconds patience) {
    pollfd one{fd, what, 0};
    int ready = 0;
    do {
        ready = ::poll(&one, 1, static_cast<int>(patience.count()));
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

/// 0, or the error number.
int connect_to(int fd, const sockaddr* to, socklen_t size, milliseconds patience) {
    if (::connect(fd, to, size) == 0) {
        return 0;
    }
    if (errno != EINPROGRESS) {
        return errno;
    }
    if (!wait_for(fd, POLLOUT, patience)) {
        return ETIMEDOUT;
    }
    int error = 0;
    socklen_t error_size = sizeof error;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_size);
    return error;
}

struct addresses_end {
    void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

struct connected {
    unique_fd fd = {};
    int error = 0; ///< where there is none
};

result<connected> connect_by_tcp(const address& where, milliseconds patience) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int failed = ::getaddrinfo(where.host.c_str(), where.port.c_str(), &wanted, &found);
        failed != 0) {
        return unreachable(reach(where), ::gai_strerror(failed));
    }
    const std::unique_ptr<addrinfo, addresses_end> owner(found);
    int error = EADDRNOTAVAIL;
    for (const auto* to = found; to != nullptr; to = to->ai_next) {
        unique_fd fd(::socket(to->ai_family, to->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        error = fd ? connect_to(fd.get(), to->ai_addr, to->ai_addrlen, patience) : errno;
        if (error == 0) {
            return connected{std::move(fd), 0};
        }
    }
    return connected{{}, error};
}

connected connect_locally(const address& where, milliseconds patience) {
    sockaddr_un to{};
    if (where.path.size() >= sizeof to.sun_path) {
        return {{}, ENAMETOOLONG};
    }
    to.sun_family = AF_UNIX;
    where.path.copy(to.sun_path, where.path.size());
    unique_fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int error =
        fd ? connect_to(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to, patience)
           : errno;
    return {std::move(fd), error};
}

} // namespace

result<connection> connection::open(const address& where, milliseconds patience) {
    auto found = where.by == transport::local ? result<connected>(connect_locally(where, patience))
                                              : connect_by_tcp(where, patience);
    if (!found) {
        return found.error();
    }
    if (found->error != 0) {
        return unreachable(reach(where), error_text(found->error));
    }
    connection made(std::move(found->fd));
    if (where.by == transport::tls) {
        if (const auto done = made.encrypt(where, patience); !done) {
            return done.error();
        }
    }
    return made;
}

result<> connection::send_as_is(std::string_view text, milliseconds patience) {
    while (!text.empty()) {
        if (!wait_for(socket_.get(), POLLOUT, patience)) {
            return unreachable("the service takes no request", error_text(ETIMEDOUT));
        }
        const auto sent = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
        if (sent >= 0) {
            text.remove_prefix(static_cast<std::size_t>(sent));
        } else if (errno != EAGAIN && errno != EINTR) {
            return unreachable("the connection to the service broke", error_text(errno));
        }
    }
    return {};
}

result<connection::heard> connection::hear_as_is(
    std::string& bytes, int interrupt, milliseconds patience) {
    std::array<pollfd, 2> waiting{{{socket_.get(), POLLIN, 0}, {interrupt, POLLIN, 0}}};
    for (;;) {
        const int ready =
            ::poll(waiting.data(), waiting.size(), static_cast<int>(patience.count()));
        if (ready == 0) {
            return heard::silence;
        }
        if (ready > 0 && waiting[1].revents != 0) {
            return heard::interrupt;
        }
        std::array<char, 64 * 1024> block; // not cleared: recv() fills what is used
        const auto came = ready < 0 ? -1 : ::recv(socket_.get(), block.data(), block.size(), 0);
        if (came > 0) {
            bytes.append(block.data(), static_cast<std::size_t>(came));
            return heard::bytes;
        }
        if (came == 0) {
            return heard::closed;
        }
        if (errno != EAGAIN && errno != EINTR) {
            return unreachable("the connection to the service broke", error_text(errno));
        }
    }
}

} // namespace restpoint::client
