#include "api/job_wait.hpp"

#include "api/parameters.hpp"
#include "http/departure.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace asio = boost::asio;

namespace restpoint::api {

namespace {

/// Counts one who waits, for as long as he does.
class counted {
  public:
    explicit counted(std::size_t& all) : all_(all) { ++all_; }
    ~counted() { --all_; }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;

  private:
    std::size_t& all_;
};

} // namespace

asio::awaitable<std::optional<result<jobs::job>>> wait_with_client(
    api_context& context, const http::request& asked, jobs::job_id id,
    std::optional<std::chrono::milliseconds> limit) {
    using namespace asio::experimental::awaitable_operators;
    const counted one(context.waiting);
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

std::optional<std::chrono::seconds> granted_wait(
    const api_context& context, const http::request& asked) {
    return context.waiting < context.most_waiting ? preferred_wait(asked) : std::nullopt;
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
