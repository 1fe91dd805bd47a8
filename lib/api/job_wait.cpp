#include "api/job_wait.hpp"

#include "http/departure.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace asio = boost::asio;

namespace restpoint::api {

asio::awaitable<std::optional<result<jobs::job>>> wait_with_client(
    api_context& context, const http::request& asked, jobs::job_id id,
    std::optional<std::chrono::milliseconds> limit) {
    using namespace asio::experimental::awaitable_operators;
    auto ending = context.jobs.wait(id, limit);
    if (asked.client == nullptr) {
        auto ended = co_await std::move(ending);
        co_return ended;
    }
    auto leaving = asked.client->wait();
    auto first = co_await (std::move(ending) || std::move(leaving));
    if (first.index() == 1) {
        co_return std::nullopt;
    }
    co_return std::get<0>(std::move(first));
}

asio::awaitable<result<jobs::job>> wait_as_preferred(
    api_context& context, const http::request& asked, jobs::job what, std::chrono::seconds limit) {
    if (is_final(what.state)) {
        co_return what;
    }
    auto waited = co_await wait_with_client(context, asked, what.id, limit);
    if (waited) {
        co_return std::move(*waited);
    }
    auto found = co_await context.jobs.find(what.id);
    co_return found;
}

} // namespace restpoint::api
