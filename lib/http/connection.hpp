// A socket with one deadline: reads, writes and waits that end when the deadline does. TCP, TCP with
// TLS, or a Unix socket: who uses it sees no difference once it is established.
//
// The deadline is a point in time that costs nothing to move further away; its timer is set anew
// only when it comes nearer, so that a request that arrives and is answered at once touches no
// timer.
#pragma once

#include "http/peer_facts.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <string>

namespace restpoint::http {

class tls_context;
class tls_session;

class connection : public std::enable_shared_from_this<connection> {
  public:
    using clock = std::chrono::steady_clock;
    using buffers = std::array<boost::asio::const_buffer, 3>;
    using socket = boost::asio::generic::stream_protocol::socket;

    explicit connection(socket socket);
    /// Tells a client with TLS that this is the end.
    ~connection();
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    /// From its first byte on the client is to speak TLS: waits for that byte and the handshake.
    enum class handshake {
        done,
        plain_text, ///< the client speaks HTTP without TLS, and nothing of it was taken
        failed,     ///< why_not() tells
        silence     ///< the deadline came, or the client left, before it said anything
    };
    [[nodiscard]] boost::asio::awaitable<handshake> shake_hands(
        std::shared_ptr<const tls_context> with);
    [[nodiscard]] const std::string& why_not() const { return why_not_; }
    [[nodiscard]] bool is_encrypted() const { return tls_ != nullptr; }

    /// What the connection proves of the client.
    [[nodiscard]] const peer_facts& facts() const { return facts_; }
    void prove(peer_facts facts) { facts_ = std::move(facts); }

    /// From now on operations that are not done at `when` are cancelled. time_point::max(): never.
    void due(clock::time_point when);

    /// Whether the deadline that was set last has cancelled something.
    [[nodiscard]] bool expired() const { return expired_; }

    /// Cancels what is under way, and says so to who looks before the next wait.
    void interrupt();
    [[nodiscard]] bool interrupted() const { return interrupted_; }

    /// Reads what there is, at least one byte. Not a coroutine: `ec` lives with the caller.
    [[nodiscard]] boost::asio::awaitable<std::size_t> read_some(
        boost::asio::mutable_buffer into, boost::system::error_code& ec) {
        if (tls_ != nullptr) {
            return read_decrypted(into, ec);
        }
        return socket_.async_read_some(
            into, boost::asio::redirect_error(boost::asio::use_awaitable, ec));
    }

    /// Waits until the socket is readable, writable or broken.
    [[nodiscard]] boost::asio::awaitable<void> wait(
        boost::asio::socket_base::wait_type what, boost::system::error_code& ec) {
        return socket_.async_wait(
            what, boost::asio::redirect_error(boost::asio::use_awaitable, ec));
    }

    /// Sends what the socket takes now: that many bytes, `ec` empty even when that is none. The rest
    /// is to be offered again, in front of anything else.
    std::size_t try_send(const buffers& data, boost::system::error_code& ec);

    /// Sends the rest of `data`; false when the client is gone or the deadline came first.
    [[nodiscard]] boost::asio::awaitable<bool> send_all(buffers data);

    /// When the client last took a byte; long ago before the first.
    [[nodiscard]] clock::time_point last_sent() const { return last_sent_; }

    /// What a look at the input, without taking anything, tells of the client.
    enum class presence {
        silent,
        talking,
        ended, ///< it will send nothing more, and may have left
        gone
    };
    [[nodiscard]] presence look();

    /// Whether the client will send nothing behind what it sent, read or not.
    [[nodiscard]] bool has_ended();

    /// Says that nothing more will be sent, and reads what the client still sends for at most
    /// `patience`: closing over unread input would destroy the answer on its way (RFC 9112, 9.6).
    [[nodiscard]] boost::asio::awaitable<void> linger(clock::duration patience);

    /// Closes so that the client sees an error instead of an end.
    void reset();

  private:
    void arm(clock::time_point when);
    void on_timer();
    void cancel();
    [[nodiscard]] boost::asio::awaitable<std::size_t> read_decrypted(
        boost::asio::mutable_buffer into, boost::system::error_code& ec);
    [[nodiscard]] std::size_t send_encrypted(const buffers& data, boost::system::error_code& ec);

    socket socket_;
    boost::asio::steady_timer timer_;
    clock::time_point deadline_ = clock::time_point::max();
    clock::time_point armed_ = clock::time_point::max();
    clock::time_point last_sent_ = {};
    bool expired_ = false;
    bool interrupted_ = false;
    std::unique_ptr<tls_session> tls_; ///< none: without TLS
    peer_facts facts_ = {};
    std::string why_not_ = {};
};

/// Takes the first `sent` bytes off; returns whether any are left.
[[nodiscard]] bool advance(connection::buffers& data, std::size_t sent);

} // namespace restpoint::http
