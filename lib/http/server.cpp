#include "http/server.hpp"

#include "base/log.hpp"
#include "http/accept_error.hpp"
#include "http/connection.hpp"
#include "http/core.hpp"
#include "http/frozen.hpp"
#include "http/session.hpp"

#include <boost/asio/ip/v6_only.hpp>

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace asio = boost::asio;
using asio::ip::tcp;

namespace restpoint::http {
namespace {

/// Connections accepted before the loop is given away.
constexpr int most_accepts_a_turn = 64;

/// Clients that are being told to come back later; beyond that they are told by a close alone.
constexpr std::size_t most_refusing = 64;

constexpr std::chrono::seconds refusal_patience{1};

/// An evicted session is gone within a turn or two of the loop.
constexpr std::chrono::milliseconds a_moment{1};

failure cannot_listen(const tcp::endpoint& where, const boost::system::error_code& ec) {
    const auto what =
        fmt::format("cannot listen on {} port {}", where.address().to_string(), where.port());
    if (ec == asio::error::address_in_use) {
        return {
            errc::conflict, what + ": the address is in use",
            "stop what listens there, or choose another port"};
    }
    return system_failure(what, ec.value(), "check server.listen");
}

boost::system::error_code open(tcp::acceptor& acceptor, const tcp::endpoint& where) {
    boost::system::error_code ec;
    const int fd = ::socket(
        where.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
    if (fd < 0) {
        return {errno, boost::system::system_category()};
    }
    acceptor.assign(where.protocol(), fd, ec);
    if (!ec) {
        acceptor.set_option(asio::socket_base::reuse_address(true), ec);
    }
    if (!ec && where.address().is_v6()) {
        // "::" means every address, whatever the machine's default is.
        acceptor.set_option(asio::ip::v6_only(false), ec);
    }
    if (!ec) {
        acceptor.bind(where, ec);
    }
    if (!ec) {
        acceptor.listen(asio::socket_base::max_listen_connections, ec);
    }
    return ec;
}

std::string describe(const tcp::endpoint& peer) {
    auto address = peer.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    }
    const auto host = address.to_string();
    return address.is_v6() ? fmt::format("[{}]:{}", host, peer.port())
                           : fmt::format("{}:{}", host, peer.port());
}

response come_back_later() {
    problem what{503, "too_many_connections"};
    what.detail = "there are as many connections as this server takes";
    what.hint = "try again in a second";
    what.headers.emplace_back("Retry-After", "1");
    return to_response(what, {});
}

/// Tells one client more than there is room for to come back later.
asio::awaitable<void> turn_away(std::shared_ptr<core> shared, std::shared_ptr<connection> client) {
    static const frozen answer(come_back_later());
    const auto closing = shared->closing.get(persistence::close);
    const connection::buffers out = {
        asio::buffer(answer.head()), asio::buffer(*closing), asio::buffer(answer.body())};
    boost::system::error_code ec;
    // A fresh socket takes so little at once or never.
    client->try_send(out, ec);
    co_await client->linger(refusal_patience);
}

bool is_full(const core& shared) {
    return shared.sessions.size() >= shared.options.max_connections;
}

/// Whether a session is about to leave: the longest idle one is asked to where none is. Newcomers
/// wait in the backlog until it has, so that the limit holds.
bool makes_room(core& shared) {
    return shared.leaving > 0 ||
           std::any_of(shared.sessions.begin(), shared.sessions.end(), [](session* one) {
               return one->evict();
           });
}

void begin(const std::shared_ptr<core>& shared, tcp::socket socket, const tcp::endpoint& peer) {
    if (!is_full(*shared)) {
        auto served = std::make_shared<session>(shared, std::move(socket), describe(peer));
        shared->tasks.spawn("http session", [served] { return served->run(); });
        return;
    }
    ++shared->refused_connections;
    if (shared->refusing >= most_refusing) {
        return;
    }
    ++shared->refusing;
    // Counts down when the task has let go, however it ended.
    const std::shared_ptr<void> seat(nullptr, [shared](void*) { --shared->refusing; });
    auto client = std::make_shared<connection>(std::move(socket));
    shared->tasks.spawn(
        "http refusal", [shared, client, seat] { return turn_away(shared, client); });
}

/// Accepts what is waiting. Done by hand, because Asio's accept leaves descriptors open in children
/// that are started in between.
accept_verdict accept_waiting(const std::shared_ptr<core>& shared) {
    for (int accepted = 0; accepted < most_accepts_a_turn; ++accepted) {
        if (accepted > 0 && is_full(*shared)) {
            return accept_verdict::none_waiting; // if there are, makes_room() is asked first
        }
        tcp::endpoint peer;
        auto size = static_cast<socklen_t>(peer.capacity());
        const int fd = ::accept4(
            shared->acceptor.native_handle(), peer.data(), &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) {
            const auto verdict = judge_accept_error(errno);
            if (verdict == accept_verdict::next) {
                continue;
            }
            return verdict;
        }
        peer.resize(size);
        tcp::socket socket(shared->acceptor.get_executor());
        boost::system::error_code ec;
        socket.assign(peer.protocol(), fd, ec);
        if (ec) {
            ::close(fd);
            continue;
        }
        begin(shared, std::move(socket), peer);
    }
    return accept_verdict::none_waiting;
}

} // namespace

struct server::state {
    std::shared_ptr<core> shared;
};

server::server(std::unique_ptr<state> s) : state_(std::move(s)) {}

server::~server() {
    boost::system::error_code ignored;
    state_->shared->draining = true;
    state_->shared->acceptor.close(ignored);
    state_->shared->back_off.cancel();
    state_->shared->tasks.cancel(asio::cancellation_type::terminal);
}

result<std::unique_ptr<server>> server::listen(
    asio::any_io_executor executor, server_options options, handler answer) {
    boost::system::error_code ec;
    const auto address = asio::ip::make_address(options.address, ec);
    if (ec) {
        return failure{
            errc::invalid, "'" + options.address + "' is not an IP address",
            "listen on an address like 127.0.0.1 or ::1"};
    }
    const tcp::endpoint where(address, options.port);
    auto shared =
        std::make_shared<core>(std::move(executor), std::move(options), std::move(answer));
    ec = open(shared->acceptor, where);
    if (ec) {
        return cannot_listen(where, ec);
    }
    shared->port = shared->acceptor.local_endpoint(ec).port();
    return std::unique_ptr<server>(new server(std::make_unique<state>(state{std::move(shared)})));
}

unsigned short server::port() const {
    return state_->shared->port;
}

server_statistics server::statistics() const {
    const auto& shared = *state_->shared;
    return {
        shared.sessions.size(), shared.requests, shared.answers, shared.refused_connections,
        shared.accept_pauses};
}

asio::awaitable<void> server::run() {
    const auto shared = state_->shared;
    std::chrono::milliseconds waited{0};
    boost::system::error_code ec;
    while (!shared->draining) {
        co_await shared->acceptor.async_wait(
            asio::socket_base::wait_read, asio::redirect_error(asio::use_awaitable, ec));
        if (ec == asio::error::operation_aborted || shared->draining) {
            co_return;
        }
        if (ec) {
            throw boost::system::system_error(ec, "waiting for connections");
        }
        if (is_full(*shared) && makes_room(*shared)) {
            shared->back_off.expires_after(a_moment);
            co_await shared->back_off.async_wait(asio::redirect_error(asio::use_awaitable, ec));
            continue;
        }
        const auto verdict = accept_waiting(shared);
        if (verdict == accept_verdict::fail) {
            throw boost::system::system_error(
                errno, boost::system::system_category(), "accepting connections");
        }
        if (verdict != accept_verdict::back_off) {
            waited = waited.zero();
            continue;
        }
        if (waited == waited.zero()) {
            log::warn(
                "cannot accept connections for now",
                {{"error", system_failure("accept", errno).detail},
                 {"connections", shared->sessions.size()}});
        }
        ++shared->accept_pauses;
        waited = next_back_off(waited);
        shared->back_off.expires_after(waited);
        co_await shared->back_off.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    }
}

asio::awaitable<void> server::drain(std::chrono::milliseconds grace) {
    const auto shared = state_->shared;
    boost::system::error_code ignored;
    shared->draining = true;
    shared->acceptor.close(ignored);
    shared->back_off.cancel();
    for (auto* open_session : shared->sessions) {
        open_session->drain();
    }
    asio::steady_timer deadline(shared->acceptor.get_executor(), grace);
    deadline.async_wait([shared](boost::system::error_code ec) {
        if (!ec) {
            shared->tasks.cancel(asio::cancellation_type::terminal);
        }
    });
    co_await shared->tasks.join();
}

} // namespace restpoint::http
