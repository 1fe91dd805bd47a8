// Carries a body_source to a connection at the speed of the client: peeks only when the socket
// takes bytes and it is this stream's turn, and keeps none of them while it is not.
#pragma once

#include "http/connection.hpp"
#include "http/head.hpp"
#include "http/reply.hpp"
#include "http/turnstile.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace restpoint::http {

class stream_writer {
  public:
    struct plan {
        framing frame = framing::chunked;
        std::uint64_t length = 0; ///< with framing::length
        const std::vector<std::string>* trailer_names = nullptr;
        std::chrono::milliseconds stall_timeout{600000};
        std::string path = {}; ///< of the request, for the log
    };

    /// `to`, `from` and `turns` outlive the writer.
    stream_writer(connection& to, body_source& from, turnstile& turns, plan how);

    /// Sends the body to its end; `whole` tells whether the client was given all of it. If not, the
    /// client left, or took nothing for the stall timeout, or the source failed (logged). Throws
    /// nothing, so that it can race with something that waits.
    [[nodiscard]] boost::asio::awaitable<void> run(bool& whole);

  private:
    enum class step { go_on, end, failed };

    [[nodiscard]] boost::asio::awaitable<bool> copy();
    [[nodiscard]] boost::asio::awaitable<step> turn();
    [[nodiscard]] boost::asio::awaitable<bool> until_writable();
    [[nodiscard]] bool may_send();
    [[nodiscard]] boost::asio::awaitable<void> wait_for_turn();
    void begin_turn();
    void spend(std::size_t sent);
    [[nodiscard]] boost::asio::awaitable<bool> finish();
    void begin_frame(std::size_t available);
    [[nodiscard]] bool send_some(std::string_view bytes);
    [[nodiscard]] std::string last_chunk();

    connection& to_;
    body_source& from_;
    turnstile& turns_;
    plan plan_;
    std::string before_ = {};        ///< frame bytes before the data that are not sent yet
    std::string_view behind_ = {};   ///< frame bytes behind the data that are not sent yet
    std::size_t frame_left_ = 0;     ///< data bytes that the frame still owes
    std::uint64_t total_ = 0;        ///< data bytes sent
    std::size_t turn_left_ = 0;      ///< what may be spent before the next turn
    std::uint64_t spent_by_all_ = 0; ///< as of our last send: others had the loop when it changed
    bool let_go_ = false; ///< the last piece was let go of unsent, because others had the loop
    bool writable_ = true;
};

} // namespace restpoint::http
