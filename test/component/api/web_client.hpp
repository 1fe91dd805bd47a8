// A blocking client that shows an answer as it grows. Every wait has a deadline that fails the
// test, however much comes meanwhile.
#pragma once

#include "base/unique_fd.hpp"

#include <chrono>
#include <map>
#include <string>
#include <string_view>

namespace restpoint::test {

using fields = std::map<std::string, std::string>; ///< names in lower case

struct web_answer {
    int status = 0;
    fields headers = {};
    std::string body = {}; ///< without the frames of chunks
    fields trailers = {};
    bool complete = false; ///< the last chunk, or Content-Length bytes, or the close was seen
};

class web_client {
  public:
    /// Sends the request; `headers` are lines with their \r\n. A good Host is added unless there is
    /// one.
    web_client(
        unsigned short port, std::string_view verb, std::string_view target,
        std::string_view headers = "", std::string_view body = "");

    /// Says that nothing more will be sent.
    void end_sending();
    /// Goes away in a way that the server sees at once.
    void reset();

    /// What has come so far, without waiting for more.
    [[nodiscard]] web_answer so_far() const;
    /// Waits until the body holds `text`.
    web_answer until(std::string_view text);
    /// Waits until the head is there.
    web_answer head();
    /// Waits for the end.
    web_answer whole();

  private:
    /// Waits for some bytes; false at the close.
    bool receive(std::chrono::steady_clock::time_point deadline);

    unique_fd socket_;
    std::string input_ = {};
    bool closed_ = false;
    bool is_head_;
};

/// One whole exchange.
web_answer ask(
    unsigned short port, std::string_view verb, std::string_view target,
    std::string_view headers = "", std::string_view body = "");

} // namespace restpoint::test
