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

    /// Ends the connection soon if it waits for a request and none is on its way; false when it
    /// stays. A request that was read this very moment is served, and core::leaving tells so.
    [[nodiscard]] bool evict();

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
    void stay();

    std::shared_ptr<core> core_;
    std::list<session*>::iterator place_; ///< moves to the end when it becomes idle
    std::shared_ptr<connection> connection_;
    departure leaving_;
    request_reader reader_;
    input_buffer input_;
    std::optional<refusal> refusal_;
    phase phase_ = phase::receiving; ///< not idle before it looks for a request
    bool by_tls_;
    bool cut_ = false;
    bool evicted_ = false;
};

} // namespace restpoint::http
