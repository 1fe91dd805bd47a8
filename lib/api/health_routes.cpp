#include "api/parameters.hpp"
#include "api/readiness.hpp"
#include "api/routes.hpp"
#include "api/within.hpp"

#include <utility>

namespace asio = boost::asio;

namespace restpoint::api {
namespace {

/// A probe gives up after a second, as a rule.
constexpr std::chrono::milliseconds store_patience{800};

asio::awaitable<http::reply> always(std::shared_ptr<const http::frozen> answer) {
    co_return http::reply(std::move(answer));
}

asio::awaitable<readiness_check> look_at_store(const outlook& known) {
    readiness_check check{"store"};
    if (!known.store_works) {
        co_return check;
    }
    const auto answered = co_await within(store_patience, known.store_works());
    if (!answered) {
        check.missing = failure{
            errc::timed_out, "the store did not answer in time",
            "the disk of the state directory hangs or has too much to do"};
    } else if (!*answered) {
        check.missing = answered->error();
    }
    co_return check;
}

readiness_check look_at_pgbackrest(const api_context& context) {
    readiness_check check{"pgbackrest"};
    if (!context.outlook.pgbackrest) {
        check.missing = failure{
            errc::unavailable, "pgbackrest has not answered for its version yet",
            "see whether '" + context.invocation.binary + " version' works"};
    }
    return check;
}

asio::awaitable<http::reply> readiness(
    api_context& context, const http::request& asked, const http::path_values&) {
    const auto verbose = flag_parameter(asked, "verbose");
    if (!verbose) {
        co_return http::to_response(to_problem(verbose.error()), asked);
    }
    std::vector<readiness_check> checks;
    checks.push_back(co_await look_at_store(context.outlook));
    checks.push_back(look_at_pgbackrest(context));
    http::response answer;
    answer.status = is_ready(checks) ? 200 : 503;
    if (*verbose) {
        answer.body = readiness_text(checks);
    } else if (is_ready(checks)) {
        answer.body = "ok";
    } else {
        answer.content_type = "application/json";
        answer.body = readiness_json(checks);
    }
    if (answer.status == 503) {
        answer.headers.emplace_back("Retry-After", "5");
    }
    co_return answer;
}

} // namespace

void add_health_routes(http::router& routes, api_context& context) {
    // Asked every few seconds by everybody: the answer proves that the loop turns, and costs
    // nothing.
    const auto alive = http::freeze({200, "text/plain; charset=utf-8", {}, "ok"});
    routes.add(
        http::method::get, http::access::open, "/livez",
        [alive](const http::request&, const http::path_values&) { return always(alive); });
    routes.add(http::method::get, http::access::open, "/readyz", bind_context(context, readiness));
}

} // namespace restpoint::api
