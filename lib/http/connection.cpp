#include "http/connection.hpp"

#include <boost/asio/error.hpp>

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

namespace asio = boost::asio;

namespace restpoint::http {
namespace {

/// Unsent bytes that the kernel keeps for one client: enough to fill a fast network between two
/// turns, little enough for thousands of stalled clients.
constexpr int unsent_limit = 256 << 10;

void set(int fd, int level, int option, int value) {
    // A socket that refuses to be tuned still works.
    [[maybe_unused]] const auto rc = ::setsockopt(fd, level, option, &value, sizeof value);
}

void tune(int fd) {
    set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, unsent_limit);
    // A client that lost its power says nothing, and neither does a log that does not grow.
    set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
    set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 15);
    set(fd, IPPROTO_TCP, TCP_KEEPCNT, 4);
}

} // namespace

bool advance(connection::buffers& data, std::size_t sent) {
    bool left = false;
    for (auto& buffer : data) {
        const auto part = std::min(sent, buffer.size());
        buffer += part;
        sent -= part;
        left = left || buffer.size() > 0;
    }
    return left;
}

connection::connection(asio::ip::tcp::socket socket)
    : socket_(std::move(socket)), timer_(socket_.get_executor()) {
    tune(socket_.native_handle());
    boost::system::error_code ignored;
    socket_.non_blocking(true, ignored);
}

void connection::due(clock::time_point when) {
    expired_ = false;
    deadline_ = when;
    if (when < armed_) {
        arm(when);
    }
}

void connection::arm(clock::time_point when) {
    armed_ = when;
    timer_.expires_at(when);
    timer_.async_wait([weak = weak_from_this()](boost::system::error_code ec) {
        const auto self = weak.lock();
        if (!ec && self) {
            self->on_timer();
        }
    });
}

void connection::on_timer() {
    armed_ = clock::time_point::max();
    if (deadline_ == clock::time_point::max()) {
        return;
    }
    if (clock::now() < deadline_) {
        arm(deadline_);
        return;
    }
    expired_ = true;
    cancel();
}

void connection::interrupt() {
    interrupted_ = true;
    cancel();
}

void connection::cancel() {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

std::size_t connection::try_send(const buffers& data, boost::system::error_code& ec) {
    const auto sent = socket_.write_some(data, ec);
    if (ec == asio::error::would_block || ec == asio::error::try_again) {
        ec = {};
    }
    if (sent > 0) {
        last_sent_ = clock::now();
    }
    return sent;
}

asio::awaitable<bool> connection::send_all(buffers data) {
    boost::system::error_code ec;
    for (;;) {
        const auto sent = try_send(data, ec);
        if (ec) {
            co_return false;
        }
        const bool left = advance(data, sent);
        if (!left) {
            co_return true;
        }
        co_await wait(asio::socket_base::wait_write, ec);
        if (ec) {
            co_return false;
        }
    }
}

connection::presence connection::look() {
    char byte = 0;
    for (;;) {
        const auto got =
            ::recv(socket_.native_handle(), &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT);
        if (got > 0) {
            return presence::talking;
        }
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got == 0) {
            return presence::ended;
        }
        return errno == EAGAIN ? presence::silent : presence::gone;
    }
}

bool connection::has_ended() {
    pollfd socket{socket_.native_handle(), POLLRDHUP, 0};
    return ::poll(&socket, 1, 0) > 0 && (socket.revents & POLLRDHUP) != 0;
}

asio::awaitable<void> connection::linger(clock::duration patience) {
    boost::system::error_code ec;
    socket_.shutdown(asio::socket_base::shutdown_send, ec);
    due(clock::now() + patience);
    std::array<char, 4096> discarded = {};
    while (!ec && !expired_ && !interrupted_) {
        co_await read_some(asio::buffer(discarded), ec);
    }
}

void connection::reset() {
    boost::system::error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
}

} // namespace restpoint::http
