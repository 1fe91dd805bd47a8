// GET /api/v1/jobs/{id}/events
#include "api/answers.hpp"
#include "api/event_stream.hpp"
#include "api/log_access.hpp"
#include "api/parameters.hpp"
#include "api/routes.hpp"

#include <fmt/format.h>

namespace asio = boost::asio;

namespace restpoint::api {
namespace {

using http::path_values;
using http::reply;
using http::request;

failure bad_event_id(std::string_view id) {
    return {
        errc::invalid, fmt::format("header 'Last-Event-ID' is '{}', which no event had", id),
        "send the id of the last event that came, which is where its line ends in the log, or "
        "none"};
}

/// Where the client is in the log, or why it cannot be there.
asio::awaitable<result<std::uint64_t>> resume_from(
    api_context& context, const request& asked, const jobs::job& what) {
    const auto size = size_of_log(context.logs, what);
    const auto id = asked.header("last-event-id").value_or("");
    if (!size || id.empty()) {
        co_return size ? result<std::uint64_t>{0} : size.error();
    }
    const auto offset = parse_number(id);
    if (!offset || *offset > *size) {
        co_return bad_event_id(id);
    }
    // The last line of a log may lack its end, and then ends where the log does.
    const bool at_the_end = *offset == *size && is_final(what.state);
    if (*offset > 0 && !at_the_end) {
        const auto fits = co_await context.logs.is_line_start(what.id, *offset);
        if (!fits || !*fits) {
            co_return fits ? bad_event_id(id) : fits.error();
        }
    }
    co_return *offset;
}

asio::awaitable<reply> job_events(
    api_context& context, const request& asked, const path_values& path) {
    auto found = co_await find_job(context, path);
    if (!found) {
        co_return failed(asked, found.error());
    }
    const auto level = level_parameter(asked);
    if (!level) {
        co_return failed(asked, level.error());
    }
    const auto from = co_await resume_from(context, asked, *found);
    if (!from) {
        co_return failed(asked, from.error());
    }
    const event_stream_options how{level->value_or(backrest::log_level::trace), *from};
    auto opened = co_await context.jobs.open_log(found->id, view_of(how), *from, jobs::follow::yes);
    // Not there: it waits for its turn, or never had one.
    if (!opened && opened.error().code != errc::gone) {
        co_return failed(asked, opened.error());
    }
    auto reader = opened ? std::move(*opened) : nullptr;
    co_return reply(event_stream(context, std::move(*found), how, std::move(reader)));
}

} // namespace

void add_event_routes(http::router& routes, api_context& context) {
    routes.add(
        http::method::get, http::access::viewer, "/api/v1/jobs/{id}/events",
        bind_context(context, job_events));
}

} // namespace restpoint::api
