#include "api/answers.hpp"
#include "api/log_access.hpp"
#include "api/parameters.hpp"
#include "api/routes.hpp"
#include "api/text_body.hpp"
#include "http/byte_range.hpp"

#include <fmt/format.h>

namespace asio = boost::asio;

namespace restpoint::api {
namespace {

using http::path_values;
using http::reply;
using http::request;

constexpr auto plain_text = "text/plain; charset=utf-8";

struct log_wishes {
    std::optional<backrest::log_level> level = {};
    bool follow = false;
};

result<log_wishes> wishes_of(const request& asked) {
    const auto level = level_parameter(asked);
    if (!level) {
        return level.error();
    }
    const auto follow = flag_parameter(asked, "follow");
    if (!follow) {
        return follow.error();
    }
    return log_wishes{*level, *follow};
}

http::response no_such_range(std::uint64_t size, const request& asked) {
    http::problem p;
    p.status = 416;
    p.code = "range_not_satisfiable";
    p.title = title_of(p.status);
    p.detail = fmt::format("the range begins behind the end: the log has {} bytes", size);
    p.headers.emplace_back("Content-Range", http::content_range_unsatisfied(size));
    return http::to_response(p, asked);
}

/// How long the log of a running job will be is not known yet (RFC 9110, 14.4).
std::string content_range(const http::byte_range& part, std::uint64_t size, bool complete) {
    auto text = http::content_range(part, size);
    return complete ? text : text.substr(0, text.rfind('/')) + "/*";
}

http::streamed part_of(const http::byte_range& range, std::uint64_t size, bool complete) {
    http::streamed answer;
    answer.content_type = plain_text;
    answer.headers = {{"Accept-Ranges", "bytes"}};
    answer.length = size;
    if (range.answer == http::byte_range::verdict::part) {
        answer.status = 206;
        answer.length = range.length;
        answer.headers.emplace_back("Content-Range", content_range(range, size, complete));
    }
    return answer;
}

/// The bytes of the file as they are now, or a range of them.
reply raw_log(api_context& context, const request& asked, const jobs::job& what) {
    const auto size = size_of_log(context.logs, what);
    if (!size) {
        return failed(asked, size.error());
    }
    // We hand out no validators, so an If-Range can never match.
    const auto header = asked.header("if-range") ? std::nullopt : asked.header("range");
    const auto range = http::parse_range(header, *size);
    if (range.answer == http::byte_range::verdict::unsatisfiable) {
        return no_such_range(*size, asked);
    }
    auto answer = part_of(range, *size, is_final(what.state));
    if (answer.length == 0) {
        answer.body = text_body({});
        return reply(std::move(answer));
    }
    auto opened = context.logs.open(what.id, jobs::view{}, range.first, jobs::follow::no);
    if (!opened) {
        return failed(asked, opened.error());
    }
    answer.body = log_body(std::move(*opened), answer.length);
    return reply(std::move(answer));
}

/// The lines of a level, or as they are written: of a length that nobody knows.
asio::awaitable<reply> view_of_log(
    api_context& context, const request& asked, jobs::job_id id, log_wishes wanted) {
    jobs::view how;
    if (wanted.level) {
        how = {*wanted.level, jobs::markup::text};
    }
    const auto mode = wanted.follow ? jobs::follow::yes : jobs::follow::no;
    auto opened = co_await context.jobs.open_log(id, how, 0, mode);
    if (!opened) {
        co_return failed(asked, opened.error());
    }
    http::streamed answer;
    answer.content_type = plain_text;
    answer.headers = {{"X-Accel-Buffering", "no"}};
    answer.body = log_body(std::move(*opened));
    co_return reply(std::move(answer));
}

asio::awaitable<reply> job_log(
    api_context& context, const request& asked, const path_values& path) {
    const auto found = co_await find_job(context, path);
    if (!found) {
        co_return failed(asked, found.error());
    }
    const auto wanted = wishes_of(asked);
    if (!wanted) {
        co_return failed(asked, wanted.error());
    }
    if (wanted->level || wanted->follow) {
        auto answer = co_await view_of_log(context, asked, found->id, *wanted);
        co_return answer;
    }
    co_return raw_log(context, asked, *found);
}

} // namespace

void add_log_routes(http::router& routes, api_context& context) {
    routes.add(
        http::method::get, http::access::viewer, "/api/v1/jobs/{id}/log",
        bind_context(context, job_log));
}

} // namespace restpoint::api
