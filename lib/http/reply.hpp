// What a handler answers: bytes that stand ready, or a body that grows while the client reads it.
#pragma once

#include "http/escape.hpp"
#include "http/request.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace restpoint::http {

using header_list = std::vector<std::pair<std::string, std::string>>;

/// A whole answer. Content-Length, Date, Connection and the security headers are added by the
/// session; HEAD sends no body.
struct response {
    unsigned status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    header_list headers = {};
    std::string body = {};
};

/// An answer that is the same for everyone: serialised once, sent as it is. Made by freeze().
class frozen;
[[nodiscard]] std::shared_ptr<const frozen> freeze(const response& what);

/// A body that is produced as the client takes it. The session asks for bytes only when the socket
/// can take some, so a stalled client costs no memory, and slows nobody.
class body_source {
  public:
    /// Bytes that share their owner, so that a source may let go of them.
    struct piece {
        std::shared_ptr<const std::string> owner = {};
        std::string_view bytes = {};
    };

    virtual ~body_source() = default;

    /// The bytes at the source's position; waits until there are some; empty at the end. What has
    /// been peeked at and not yet consumed comes again next time, perhaps with more behind it.
    /// Cancellation ends the wait with operation_aborted.
    [[nodiscard]] virtual boost::asio::awaitable<piece> peek() = 0;

    /// Moves the position; `bytes` is at most what the last peek() gave.
    virtual void consume(std::size_t bytes) = 0;

    /// Fields for behind the body; asked for once, at the end. Only names that the reply declared
    /// are sent.
    [[nodiscard]] virtual header_list trailers() { return {}; }
};

/// A growing answer: chunked for HTTP/1.1, until close for HTTP/1.0. HEAD sends the head alone and
/// drops the source.
struct streamed {
    unsigned status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    header_list headers = {};
    std::vector<std::string> trailer_names = {};
    std::optional<std::uint64_t> length = {}; ///< known size: Content-Length instead of chunks
    std::unique_ptr<body_source> body = {};
};

using reply = std::variant<response, std::shared_ptr<const frozen>, streamed>;

/// Answers one request. An exception becomes a 500 with a request id, and a log line with the same
/// id.
using handler = std::function<boost::asio::awaitable<reply>(request&)>;

/// RFC 9457 problem+json, or the same as a small HTML page where the request prefers one.
struct problem {
    unsigned status = 500;
    std::string code = {}; ///< stable, snake_case
    std::string title = {};
    std::string detail = {};
    std::string hint = {};
    std::string extra_json =
        {}; ///< further members, as JSON text `"job":"12"`; only in the JSON form
    header_list headers = {};
};

[[nodiscard]] response to_response(const problem& what, const request& asked);

} // namespace restpoint::http
