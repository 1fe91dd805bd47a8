// The events of a job as a body that grows: the log from where the client is, progress while it
// runs, and its state as the last word.
#pragma once

#include "api/api.hpp"
#include "http/reply.hpp"

#include <cstdint>
#include <memory>

namespace restpoint::api {

struct event_stream_options {
    backrest::log_level level = backrest::log_level::trace;
    std::uint64_t from = 0; ///< where the log goes on: the beginning of a line
};

/// The whole reply. `reader` gives the log as log_events() writes it, from `from` on; none for a job
/// that has no log yet, or never will. The context must outlive the reply.
[[nodiscard]] http::streamed event_stream(
    api_context& context, jobs::job what, event_stream_options options,
    std::unique_ptr<jobs::log_reader> reader);

/// How the events show a log.
[[nodiscard]] jobs::view view_of(const event_stream_options& options);

} // namespace restpoint::api
