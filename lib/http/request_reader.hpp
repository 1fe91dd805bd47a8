// Bytes to requests: an incremental parser (Beast's) with the checks that need no more than the
// head. Does no I/O.
#pragma once

#include "http/guard.hpp"
#include "http/request.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace restpoint::http {

class request_reader {
  public:
    struct limits {
        std::size_t header_bytes = 16U << 10U;
        std::size_t body_bytes = 1U << 20U;
    };

    enum class progress {
        more,     ///< not whole yet
        complete, ///< value() is the request
        refused   ///< refusal() says why; the rest of the connection cannot be read
    };

    struct step {
        std::size_t consumed = 0; ///< bytes that need not be shown again
        progress now = progress::more;
    };

    /// `peer` and `client` become those of the requests.
    request_reader(limits within, std::string peer, const departure* client = nullptr);
    ~request_reader();
    request_reader(const request_reader&) = delete;
    request_reader& operator=(const request_reader&) = delete;

    /// Forgets the request before and waits for the next one.
    void start();

    /// Parses on. `bytes` begins behind what was consumed before, and is not empty; what is not
    /// consumed comes again with more behind it. Never reads beyond the request's end.
    [[nodiscard]] step feed(std::string_view bytes);

    /// Whether the client waits for "100 Continue" before it sends the body: true once.
    [[nodiscard]] bool take_expectation();

    /// Whether the head is whole, so that value() may be judged before its body has come.
    [[nodiscard]] bool has_head() const;

    /// Whether the client wants the connection to go on. Of a whole head only.
    [[nodiscard]] bool keep_alive() const;

    [[nodiscard]] const request& value() const;
    [[nodiscard]] request& value();
    [[nodiscard]] const http::refusal& refusal() const;

  private:
    struct parser;
    std::unique_ptr<parser> parser_;
};

} // namespace restpoint::http
