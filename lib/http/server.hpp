// The listeners and their sessions: keep-alive, limits, time-outs, drain. Knows bytes and requests,
// not jobs. TCP, with TLS or without, and beside it a Unix socket.
//
// Limits and their answers: request line and headers over header_bytes 431, body over body_bytes
// 413, a request that does not arrive within request_timeout 408, more connections than
// max_connections 503 with Retry-After, then close; before that, the longest idle connection goes, or
// the one whose request has been coming for longest. More streams than three quarters of
// max_connections, or than half of it for one caller, 503 with Retry-After.
// With TLS these are closed without a word. What speaks no TLS there is told so by a 400.
// Pipelined requests are answered one after the other; what a client sends ahead waits in its
// socket.
#pragma once

#include "base/result.hpp"
#include "http/guard.hpp"
#include "http/reply.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace restpoint::http {

class tls_context;

struct server_options {
    std::string address = "127.0.0.1";
    unsigned short port = 5000;                  ///< 0: the kernel chooses, see server::port()
    std::shared_ptr<const tls_context> tls = {}; ///< none: without TLS
    std::string unix_socket = {};                ///< the path of a second listener, or empty
    std::size_t max_connections = 2000;
    std::size_t header_bytes = 16U << 10U;
    /// Ours are hundreds of bytes, and strangers may send as much on every connection before anybody
    /// asks who they are.
    std::size_t body_bytes = 64U << 10U;
    std::chrono::milliseconds request_timeout{
        30000}; ///< from the first byte of a request to its last,
                ///< and for a handshake
    std::chrono::milliseconds idle_timeout{75000};  ///< between two requests of one connection
    std::chrono::milliseconds write_timeout{60000}; ///< for a whole response a client does not take
    std::chrono::milliseconds stream_stall_timeout{
        600000}; ///< a stream whose client takes no byte for so long is cut
    std::chrono::milliseconds half_closed_timeout{
        300000}; ///< silence towards a client that ended its sending, and may have left
    guard_options guard = {};
    /// Called on the loop for each request that the guard refuses, when its head has come. Must not
    /// block, throw, or take more time than a stranger may cost. May be empty.
    std::function<void(const request&, const refusal&)> refused = {};
};

struct server_statistics {
    std::size_t connections = 0;
    std::uint64_t requests = 0;
    std::array<std::uint64_t, 5> answers = {}; ///< by the hundreds of the status, from 1xx on
    std::uint64_t refused_connections = 0;
    std::uint64_t accept_pauses = 0; ///< waits because descriptors or memory had run out
};

class server {
  public:
    /// Binds and listens; nothing is accepted yet. Fails with `conflict` when an address is taken.
    [[nodiscard]] static result<std::unique_ptr<server>> listen(
        boost::asio::any_io_executor executor, server_options options, handler answer);
    ~server();

    [[nodiscard]] unsigned short port() const;
    [[nodiscard]] server_statistics statistics() const;

    /// What new connections are shown from now on, in place of options.tls.
    void renew(std::shared_ptr<const tls_context> tls);

    /// Accepts until drain() or cancellation. Out of descriptors it backs off and goes on; other
    /// accept errors throw.
    [[nodiscard]] boost::asio::awaitable<void> run();

    /// Stops accepting, closes idle connections, lets requests under way end within `grace`, then
    /// cuts the rest (streams at once: their clients reconnect).
    [[nodiscard]] boost::asio::awaitable<void> drain(std::chrono::milliseconds grace);

  private:
    struct state;
    explicit server(std::unique_ptr<state> s);
    std::unique_ptr<state> state_;
};

} // namespace restpoint::http
