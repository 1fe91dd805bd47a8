#include "http/connection.hpp"

#include "http/tls_session.hpp"

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

connection::presence peek_byte(int fd, char& byte) {
    for (;;) {
        const auto got = ::recv(fd, &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT);
        if (got > 0) {
            return connection::presence::talking;
        }
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got == 0) {
            return connection::presence::ended;
        }
        return errno == EAGAIN ? connection::presence::silent : connection::presence::gone;
    }
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

connection::connection(connection::socket socket)
    : socket_(std::move(socket)), timer_(socket_.get_executor()) {
    tune(socket_.native_handle());
    boost::system::error_code ignored;
    socket_.non_blocking(true, ignored);
}

connection::~connection() {
    if (tls_ && socket_.is_open()) {
        tls_->say_goodbye();
    }
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
    const auto sent = tls_ ? send_encrypted(data, ec) : socket_.write_some(data, ec);
    if (ec == asio::error::would_block || ec == asio::error::try_again) {
        ec = {};
    }
    if (sent > 0) {
        last_sent_ = clock::now();
    }
    return sent;
}

std::size_t connection::send_encrypted(const buffers& data, boost::system::error_code& ec) {
    bool broken = false;
    const auto sent = tls_->write(data, broken);
    ec = broken ? asio::error::broken_pipe : boost::system::error_code();
    return sent;
}

asio::awaitable<std::size_t> connection::read_decrypted(
    asio::mutable_buffer into, boost::system::error_code& ec) {
    for (;;) {
        std::size_t got = 0;
        switch (tls_->read({static_cast<char*>(into.data()), into.size()}, got)) {
        case tls_session::outcome::done:
            ec = {};
            co_return got;
        case tls_session::outcome::ended:
            ec = asio::error::eof;
            co_return 0;
        case tls_session::outcome::broken:
            ec = asio::error::connection_reset;
            co_return 0;
        case tls_session::outcome::wants_read:
        case tls_session::outcome::wants_write:
            break;
        }
        // Only now: what has come may all be here already, decrypted and not asked for.
        co_await wait(asio::socket_base::wait_read, ec);
        if (ec) {
            co_return 0;
        }
    }
}

asio::awaitable<connection::handshake> connection::shake_hands(
    std::shared_ptr<const tls_context> with) {
    boost::system::error_code ec;
    char first = 0;
    auto seen = peek_byte(socket_.native_handle(), first);
    while (seen == presence::silent) {
        co_await wait(asio::socket_base::wait_read, ec);
        if (ec) {
            co_return handshake::silence;
        }
        seen = peek_byte(socket_.native_handle(), first);
    }
    if (seen != presence::talking) {
        co_return handshake::silence;
    }
    if (first >= 'A' && first <= 'Z') { // a method; a record of the handshake begins with 22
        co_return handshake::plain_text;
    }
    tls_ = std::make_unique<tls_session>(std::move(with), socket_.native_handle());
    for (;;) {
        const auto came = tls_->shake_hands();
        if (came == tls_session::outcome::done) {
            facts_ = tls_->facts();
            co_return handshake::done;
        }
        if (came == tls_session::outcome::broken || came == tls_session::outcome::ended) {
            why_not_ = tls_->why();
            co_return handshake::failed;
        }
        const bool reads = came == tls_session::outcome::wants_read;
        co_await wait(reads ? asio::socket_base::wait_read : asio::socket_base::wait_write, ec);
        if (ec) {
            why_not_ = expired_ ? "it was not over in time" : ec.message();
            co_return handshake::failed;
        }
    }
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
    if (tls_ && tls_->established()) {
        switch (tls_->peek()) {
        case tls_session::outcome::done:
            return presence::talking;
        case tls_session::outcome::wants_read:
        case tls_session::outcome::wants_write:
            return presence::silent;
        case tls_session::outcome::ended:
            return presence::ended;
        case tls_session::outcome::broken:
            return presence::gone;
        }
    }
    char byte = 0;
    return peek_byte(socket_.native_handle(), byte);
}

bool connection::has_ended() {
    if (tls_ && tls_->established() && tls_->peek() == tls_session::outcome::ended) {
        return true;
    }
    pollfd socket{socket_.native_handle(), POLLRDHUP, 0};
    return ::poll(&socket, 1, 0) > 0 && (socket.revents & POLLRDHUP) != 0;
}

asio::awaitable<void> connection::linger(clock::duration patience) {
    boost::system::error_code ec;
    if (tls_) {
        tls_->say_goodbye();
    }
    socket_.shutdown(asio::socket_base::shutdown_send, ec);
    due(clock::now() + patience);
    std::array<char, 4096> discarded = {};
    while (!ec && !expired_ && !interrupted_) {
        // As it comes, encrypted or not.
        co_await socket_.async_read_some(
            asio::buffer(discarded), asio::redirect_error(asio::use_awaitable, ec));
    }
}

void connection::reset() {
    boost::system::error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
}

} // namespace restpoint::http
