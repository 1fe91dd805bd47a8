#include "http/server.hpp"

#include "base/log.hpp"
#include "http/accept_error.hpp"
#include "http/connection.hpp"
#include "http/core.hpp"
#include "http/frozen.hpp"
#include "http/session.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace asio::experimental::awaitable_operators;

namespace restpoint::http {
namespace {

/// Connections accepted before the loop is given away.
constexpr int most_accepts_a_turn = 64;

/// Clients that are being told to come back later; beyond that they are told by a close alone.
constexpr std::size_t most_refusing = 64;

constexpr std::chrono::seconds refusal_patience{1};

/// An evicted session is gone within a turn or two of the loop.
constexpr std::chrono::milliseconds a_moment{1};

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

/// Whether a session is about to leave; where none is, one is asked to: of those without a request
/// the longest idle one, else the one whose request has been coming for longest. Newcomers wait in
/// the backlog until it has, so that the limit holds.
bool makes_room(core& shared) {
    const auto ask = [&shared](session::waiting for_what) {
        return std::any_of(
            shared.sessions.begin(), shared.sessions.end(),
            [for_what](session* one) { return one->evict(for_what); });
    };
    return shared.leaving > 0 || ask(session::waiting::between_requests) ||
           ask(session::waiting::within_request);
}

void begin(const std::shared_ptr<core>& shared, accepted client) {
    if (!is_full(*shared)) {
        auto served = std::make_shared<session>(shared, std::move(client));
        shared->tasks.spawn("http session", [served] { return served->run(); });
        return;
    }
    ++shared->refused_connections;
    if (client.by_tls || shared->refusing >= most_refusing) {
        return; // a handshake takes more than an answer does
    }
    ++shared->refusing;
    // Counts down when the task has let go, however it ended.
    const std::shared_ptr<void> seat(nullptr, [shared](void*) { --shared->refusing; });
    auto refused = std::make_shared<connection>(std::move(client.socket));
    shared->tasks.spawn(
        "http refusal", [shared, refused, seat] { return turn_away(shared, refused); });
}

/// Whom the kernel has seen connect to a Unix socket.
void identify(accepted& client, int fd) {
    ucred who{};
    socklen_t size = sizeof who;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0) {
        client.facts.user = who.uid;
        client.peer = fmt::format("uid {}:{}", who.uid, who.pid);
    }
}

/// Accepts what is waiting. Done by hand, because Asio's accept leaves descriptors open in children
/// that are started in between.
accept_verdict accept_waiting(const std::shared_ptr<core>& shared, listener& at) {
    for (int taken = 0; taken < most_accepts_a_turn; ++taken) {
        if (taken > 0 && is_full(*shared)) {
            return accept_verdict::none_waiting; // if there are, makes_room() is asked first
        }
        tcp::endpoint peer;
        auto size = static_cast<socklen_t>(peer.capacity());
        const bool local = at.of() == listener::kind::local;
        const int fd = ::accept4(
            at.acceptor.native_handle(), local ? nullptr : peer.data(), local ? nullptr : &size,
            SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) {
            const auto verdict = judge_accept_error(errno);
            if (verdict == accept_verdict::next) {
                continue;
            }
            return verdict;
        }
        accepted client{connection::socket(at.acceptor.get_executor())};
        if (local) {
            identify(client, fd);
        } else {
            peer.resize(size);
            client.peer = describe(peer);
            client.by_tls = shared->options.tls != nullptr;
        }
        boost::system::error_code ec;
        client.socket.assign(
            local ? listener::protocol(AF_UNIX, 0) : listener::protocol(peer.protocol()), fd, ec);
        if (ec) {
            ::close(fd);
            continue;
        }
        begin(shared, std::move(client));
    }
    return accept_verdict::none_waiting;
}

asio::awaitable<void> accept_from(std::shared_ptr<core> shared, listener& at) {
    std::chrono::milliseconds waited{0};
    boost::system::error_code ec;
    while (!shared->draining) {
        co_await at.acceptor.async_wait(
            asio::socket_base::wait_read, asio::redirect_error(asio::use_awaitable, ec));
        if (ec == asio::error::operation_aborted || shared->draining) {
            co_return;
        }
        if (ec) {
            throw boost::system::system_error(ec, "waiting for connections");
        }
        if (is_full(*shared) && makes_room(*shared)) {
            at.back_off.expires_after(a_moment);
            co_await at.back_off.async_wait(asio::redirect_error(asio::use_awaitable, ec));
            continue;
        }
        const auto verdict = accept_waiting(shared, at);
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
        at.back_off.expires_after(waited);
        co_await at.back_off.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    }
}

} // namespace

struct server::state {
    std::shared_ptr<core> shared;
};

server::server(std::unique_ptr<state> s) : state_(std::move(s)) {}

server::~server() {
    state_->shared->draining = true;
    state_->shared->stop_listening();
    state_->shared->tasks.cancel(asio::cancellation_type::terminal);
}

result<std::unique_ptr<server>> server::listen(
    asio::any_io_executor executor, server_options options, handler answer) {
    auto shared = std::make_shared<core>(executor, std::move(options), std::move(answer));
    auto& tcp_listener = shared->listeners.emplace_back(executor, listener::kind::tcp);
    auto listening = tcp_listener.listen_tcp(shared->options.address, shared->options.port);
    if (listening && !shared->options.unix_socket.empty()) {
        listening = shared->listeners.emplace_back(executor, listener::kind::local)
                        .listen_local(shared->options.unix_socket);
    }
    if (!listening) {
        return listening.error();
    }
    shared->port = tcp_listener.port();
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

void server::renew(std::shared_ptr<const tls_context> tls) {
    state_->shared->options.tls = std::move(tls);
}

asio::awaitable<void> server::run() {
    const auto shared = state_->shared;
    auto by_tcp = accept_from(shared, shared->listeners.front());
    if (shared->listeners.size() == 1) {
        co_await std::move(by_tcp);
        co_return;
    }
    // The failure of one ends both.
    auto locally = accept_from(shared, shared->listeners.back());
    co_await (std::move(by_tcp) && std::move(locally));
}

asio::awaitable<void> server::drain(std::chrono::milliseconds grace) {
    const auto shared = state_->shared;
    shared->draining = true;
    shared->stop_listening();
    for (auto* open_session : shared->sessions) {
        open_session->drain();
    }
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer deadline(executor, grace);
    deadline.async_wait([shared](boost::system::error_code ec) {
        if (!ec) {
            shared->tasks.cancel(asio::cancellation_type::terminal);
        }
    });
    co_await shared->tasks.join();
}

} // namespace restpoint::http
