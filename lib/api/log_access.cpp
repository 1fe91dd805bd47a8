#include "api/log_access.hpp"

#include "api/answers.hpp"
#include "base/log.hpp"
#include "jobs/retention.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <fmt/format.h>

#include <exception>
#include <string>
#include <utility>

namespace asio = boost::asio;

namespace restpoint::api {
namespace {

/// peek() whose failure is a value: a race between two waits goes on for as long as one of them may
/// still succeed, so an exception would never be seen.
asio::awaitable<result<jobs::log_reader::piece>> read_on(jobs::log_reader& log, jobs::job_id id) {
    std::string why;
    try {
        auto lines = co_await log.peek();
        co_return lines;
    } catch (const boost::system::system_error& e) {
        why = e.code().message();
    } catch (const std::exception& e) {
        why = e.what();
    }
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) {
        throw boost::system::system_error(asio::error::operation_aborted);
    }
    log::error("a log cannot be read", {{"job", id}, {"error", why}});
    co_return failure{
        errc::io, fmt::format("the log of job {} cannot be read any further: {}", id, why),
        "the job itself is not touched by this; look at the disk under restpoint's state "
        "directory"};
}

} // namespace

asio::awaitable<result<jobs::job>> find_job(api_context& context, const http::path_values& path) {
    const auto id = job_id_of(path);
    if (!id) {
        co_return id.error();
    }
    auto found = co_await context.jobs.find(*id);
    co_return found;
}

result<std::uint64_t> size_of_log(const jobs::log_hub& logs, const jobs::job& what) {
    const auto size = logs.size(what.id);
    const bool never_written = !is_final(what.state) || what.log_bytes == 0;
    if (!size && size.error().code == errc::gone) {
        return never_written ? result<std::uint64_t>{0} : jobs::removed_log(what);
    }
    return size;
}

asio::awaitable<std::optional<result<jobs::log_reader::piece>>> peek_until(
    jobs::log_reader& reader, jobs::job_id id, std::chrono::steady_clock::time_point until) {
    using namespace asio::experimental::awaitable_operators;
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer silence(executor, until);
    boost::system::error_code expired;
    auto reading = read_on(reader, id);
    auto waiting = silence.async_wait(asio::redirect_error(asio::use_awaitable, expired));
    auto first = co_await (std::move(reading) || std::move(waiting));
    if (first.index() == 1) {
        co_return std::nullopt;
    }
    co_return std::get<0>(std::move(first));
}

} // namespace restpoint::api
