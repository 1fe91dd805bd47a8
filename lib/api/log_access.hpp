// What the answers that show a job's log have in common: how long it is, and a wait for its next
// lines that ends in time for a sign of life.
#pragma once

#include "api/api.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace restpoint::api {

/// The job that the path names.
[[nodiscard]] boost::asio::awaitable<result<jobs::job>> find_job(
    api_context& context, const http::path_values& path);

/// The size of the raw log now. A job that never began has an empty log; a log that a job wrote and
/// that is not there any more is `gone`.
[[nodiscard]] result<std::uint64_t> size_of_log(const jobs::log_hub& logs, const jobs::job& what);

/// reader.peek(), or none when nothing came until then. That the log cannot be read is a value, and
/// is in our log. Throws operation_aborted when cancelled.
[[nodiscard]] boost::asio::awaitable<std::optional<result<jobs::log_reader::piece>>> peek_until(
    jobs::log_reader& reader, jobs::job_id id, std::chrono::steady_clock::time_point until);

} // namespace restpoint::api
