// One connection from its first byte to its last: requests in, answers out, one after the other.
#pragma once

#include "http/connection.hpp"
#include "http/core.hpp"
#include "http/departure.hpp"
#include "http/input_buffer.hpp"
#include "http/reply.hpp"
#include "http/request_reader.hpp"

#include <boost/asio/awaitable.hpp>

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace restpoint::http {

class session {
  public:
    session(std::shared_ptr<core> shared, accepted client);
    ~session();
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    /// Serves until the client, a limit or a drain ends the connection.
    [[nodiscard]] boost::asio::awaitable<void> run();

    /// Ends what waits for the client or streams to it. A request under way is answered first, and
    /// the connection closed behind the answer (core::draining).
    void drain();

    enum class waiting {
        between_requests, ///< none has begun
        within_request    ///< not all of it has come
    };

    /// Ends the connection soon if it waits for this and nothing is on its way; false when it
    /// stays. What was read this very moment is taken, and core::leaving tells so.
    [[nodiscard]] bool evict(waiting for_what);

  private:
    enum class phase { idle, receiving, answering, streaming, lingering };
    enum class arrival { request, refused, gone };

    [[nodiscard]] boost::asio::awaitable<bool> greet();
    [[nodiscard]] boost::asio::awaitable<void> send_elsewhere();
    [[nodiscard]] boost::asio::awaitable<arrival> receive();
    [[nodiscard]] request_reader::progress parse();
    [[nodiscard]] boost::asio::awaitable<bool> read_more();

    [[nodiscard]] boost::asio::awaitable<bool> answer();
    [[nodiscard]] boost::asio::awaitable<reply> ask_handler();
    [[nodiscard]] boost::asio::awaitable<bool> send_refusal(bool keep);
    [[nodiscard]] boost::asio::awaitable<bool> send(
        std::string_view head, std::string_view body, bool keep);
    [[nodiscard]] boost::asio::awaitable<bool> send_stream(streamed& what, bool keep);
    [[nodiscard]] persistence persistence_for(bool keep) const;
    [[nodiscard]] boost::asio::awaitable<bool> send_no_seat(bool keep);
    void begin_to_wait(phase for_what);
    void stay();

    std::shared_ptr<core> core_;
    std::list<session*>::iterator place_; ///< moves to the end when it begins to wait
    std::shared_ptr<connection> connection_;
    departure leaving_;
    request_reader reader_;
    input_buffer input_;
    std::optional<refusal> refusal_;
    phase phase_ = phase::answering; ///< waits for nothing before it looks for a request
    bool by_tls_;
    bool cut_ = false;
    bool evicted_ = false;
};

} // namespace restpoint::http
