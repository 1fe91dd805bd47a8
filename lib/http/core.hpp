// What the listener and its sessions share.
#pragma once

#include "base/task_group.hpp"
#include "http/connection.hpp"
#include "http/head.hpp"
#include "http/listener.hpp"
#include "http/server.hpp"
#include "http/stream_seats.hpp"
#include "http/turnstile.hpp"

#include <array>
#include <chrono>
#include <ctime>
#include <list>
#include <memory>
#include <string>

namespace restpoint::http {

class session;

/// render_closing(), made once a second.
class closing_lines {
  public:
    [[nodiscard]] std::shared_ptr<const std::string> get(persistence after);

  private:
    std::time_t made_at_ = -1;
    std::array<std::shared_ptr<const std::string>, 3> made_ = {};
};

/// A client that was let in to a listener, and nothing of it was read.
struct accepted {
    connection::socket socket;
    std::string peer = {};
    peer_facts facts = {};
    bool by_tls = false; ///< it has to begin with the handshake
};

struct core {
    core(boost::asio::any_io_executor executor, server_options how, handler answers);

    server_options options;
    handler answer;
    std::list<listener> listeners = {};
    unsigned short port = 0;
    task_group tasks;                  ///< sessions, and the short lives of refused connections
    std::list<session*> sessions = {}; ///< of those that wait for the same, the longest first
    std::size_t leaving = 0;           ///< of these: evicted, and not gone yet
    std::size_t refusing = 0;
    bool draining = false;
    std::uint64_t requests = 0;
    std::array<std::uint64_t, 5> answers = {}; ///< by the hundreds of the status
    std::uint64_t refused_connections = 0;
    std::uint64_t accept_pauses = 0;
    closing_lines closing = {};

    void count_answer(unsigned status) {
        if (status >= 100 && status < 600) {
            ++answers[status / 100 - 1];
        }
    }

    /// Into the log, at info now and then and at debug otherwise: strangers come with anything.
    void tell_failed_handshake(const std::string& peer, const std::string& why);

    /// No more clients.
    void stop_listening();

    stream_seats seats;
    std::shared_ptr<turnstile> turns;                          ///< of the streams
    std::chrono::steady_clock::time_point handshake_told = {}; ///< of a handshake, at info
};

} // namespace restpoint::http
