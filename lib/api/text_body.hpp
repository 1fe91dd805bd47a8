// Bodies for streamed answers: a piece of text, and the log of a job.
#pragma once

#include "http/reply.hpp"
#include "jobs/service.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace restpoint::api {

/// A text that stands ready.
[[nodiscard]] std::unique_ptr<http::body_source> text_body(std::string text);

/// What `reader` gives, up to `limit` bytes: a log that grows meanwhile must not outgrow the
/// Content-Length that was promised.
[[nodiscard]] std::unique_ptr<http::body_source> log_body(
    std::unique_ptr<jobs::log_reader> reader, std::optional<std::uint64_t> limit = {});

/// All of a body, for answers that have to be whole before they begin.
[[nodiscard]] boost::asio::awaitable<std::string> read_whole(http::body_source& body);

} // namespace restpoint::api
