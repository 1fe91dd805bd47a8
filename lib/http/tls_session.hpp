// The server's end of TLS on one non-blocking socket. Never waits: what the socket does not take is
// kept and goes first the next time; who calls waits for the socket.
//
// A byte counts as sent when the kernel has it, as without TLS, although it was encrypted before:
// who is told that less was sent than offered offers the same bytes again, as many or as few of
// them as it likes.
#pragma once

#include "http/peer_facts.hpp"
#include "http/tls_context.hpp"

#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>

struct ssl_st; // OpenSSL's

namespace restpoint::http {

class tls_session {
  public:
    enum class outcome {
        done,
        wants_read,  ///< goes on when the socket is readable
        wants_write, ///< goes on when the socket is writable
        ended,       ///< the client will send nothing more
        broken       ///< there is no going on; why() tells
    };

    /// `socket` stays the caller's, and open for as long as this lives.
    tls_session(std::shared_ptr<const tls_context> with, int socket);
    ~tls_session();
    tls_session(const tls_session&) = delete;
    tls_session& operator=(const tls_session&) = delete;

    [[nodiscard]] outcome shake_hands();
    [[nodiscard]] bool established() const { return established_; }
    /// Of an established one.
    [[nodiscard]] peer_facts facts() const;

    /// At least one byte when done.
    [[nodiscard]] outcome read(std::span<char> into, std::size_t& got);

    /// Whether read() would give something, without taking it.
    [[nodiscard]] outcome peek();

    /// How many of these bytes the kernel has now; fewer when the socket takes no more or `broken`.
    [[nodiscard]] std::size_t write(std::span<const boost::asio::const_buffer> data, bool& broken);

    /// Says that nothing more will be sent, as far as the socket takes it.
    void say_goodbye();

    [[nodiscard]] const std::string& why() const { return why_; }

  private:
    friend struct tls_transport; ///< OpenSSL's way to the socket

    [[nodiscard]] outcome judge(int returned);
    [[nodiscard]] std::string describe_error() const;
    [[nodiscard]] bool flush();
    [[nodiscard]] std::size_t encrypt(
        std::span<const boost::asio::const_buffer> data, std::size_t from, std::size_t most);
    [[nodiscard]] std::size_t send_some(const char* data, std::size_t size);
    void break_off(std::string reason);

    std::shared_ptr<const tls_context> context_;
    std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
    int socket_;
    std::string unsent_ = {}; ///< encrypted
    std::size_t credit_ = 0;  ///< bytes that are encrypted and were not counted as sent yet
    bool established_ = false;
    bool ended_ = false; ///< the socket has given its end
    bool broken_ = false;
    std::string why_ = {};
};

} // namespace restpoint::http
