#include "postgres/listener.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>
#include <sys/un.h>

#include <cerrno>
#include <memory>
#include <optional>

namespace asio = boost::asio;

namespace restpoint::postgres {

namespace {

/// A look-up that may outlive whoever asked: getaddrinfo cannot be interrupted, so a name server
/// that does not answer would hold the asker beyond the deadline. The last handler frees it.
struct lookup {
    explicit lookup(const asio::any_io_executor& executor)
        : resolver(executor), answered(executor) {}

    asio::ip::tcp::resolver resolver;
    asio::steady_timer answered;
    bool over = false;
    boost::system::error_code error = {};
    std::vector<std::string> addresses = {};
};

void begin(const std::shared_ptr<lookup>& search, const std::string& host) {
    search->resolver.async_resolve(
        host, "",
        [search](
            boost::system::error_code error, const asio::ip::tcp::resolver::results_type& found) {
            search->over = true;
            search->error = error;
            for (const auto& entry : found) {
                search->addresses.push_back(entry.endpoint().address().to_string());
            }
            search->answered.cancel();
        });
}

asio::awaitable<result<std::vector<std::string>>> look_up(
    std::string host, deadline_time deadline) {
    const auto executor = co_await asio::this_coro::executor;
    const auto search = std::make_shared<lookup>(executor);
    search->answered.expires_at(deadline);
    begin(search, host);
    // Ends by the answer, by the deadline, or by a cancellation: `over` tells.
    [[maybe_unused]] const auto woken =
        co_await search->answered.async_wait(asio::as_tuple(asio::use_awaitable));
    if (!search->over) {
        search->resolver.cancel();
        co_return failure{
            errc::unavailable, fmt::format("no answer for the address of '{}'", host),
            "is the name server reachable?"};
    }
    if (search->error || search->addresses.empty()) {
        co_return failure{
            errc::unavailable,
            fmt::format("no address for '{}': {}", host, search->error.message())};
    }
    co_return search->addresses;
}

template <class Protocol>
asio::awaitable<listening> try_connecting(
    typename Protocol::endpoint where, deadline_time deadline) {
    const auto executor = co_await asio::this_coro::executor;
    typename Protocol::socket socket{executor};
    asio::steady_timer timer{executor, deadline};
    auto race = asio::experimental::make_parallel_group(
        socket.async_connect(where, asio::deferred), timer.async_wait(asio::deferred));
    const auto [order, connected, expired] =
        co_await race.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    if (order[0] != 0) {
        co_return listening::unknown;
    }
    if (!connected) {
        co_return listening::somebody;
    }
    const bool nobody = connected.value() == ECONNREFUSED || connected.value() == ENOENT ||
                        connected.value() == ENOTDIR;
    co_return nobody ? listening::nobody : listening::unknown;
}

/// None when the path is longer than a socket's may be (unix(7)).
std::optional<asio::local::stream_protocol::endpoint> local_endpoint(std::string path) {
    if (path.size() >= sizeof(sockaddr_un::sun_path)) {
        return std::nullopt;
    }
    if (path.starts_with('@')) {
        path[0] = '\0';
    }
    return asio::local::stream_protocol::endpoint(path);
}

} // namespace

asio::awaitable<result<server_address>> locate(
    std::string socket_dir, unsigned short port, deadline_time deadline) {
    server_address address;
    address.port = port;
    if (socket_dir.starts_with('/') || socket_dir.starts_with('@')) {
        address.socket_path = fmt::format("{}/.s.PGSQL.{}", socket_dir, port);
        co_return address;
    }
    address.host = socket_dir;
    boost::system::error_code not_numeric;
    asio::ip::make_address(socket_dir, not_numeric);
    if (!not_numeric) {
        address.numeric.push_back(socket_dir);
        co_return address;
    }
    auto found = co_await look_up(std::move(socket_dir), deadline);
    if (!found) {
        co_return found.error();
    }
    address.numeric = std::move(*found);
    co_return address;
}

asio::awaitable<listening> who_listens(server_address where, deadline_time deadline) {
    if (!where.socket_path.empty()) {
        const auto endpoint = local_endpoint(where.socket_path);
        if (!endpoint) {
            co_return listening::unknown;
        }
        const auto found =
            co_await try_connecting<asio::local::stream_protocol>(*endpoint, deadline);
        co_return found;
    }
    auto summary = listening::nobody;
    for (const auto& numeric : where.numeric) {
        const asio::ip::tcp::endpoint endpoint{asio::ip::make_address(numeric), where.port};
        const auto found = co_await try_connecting<asio::ip::tcp>(endpoint, deadline);
        if (found == listening::somebody) {
            co_return found;
        }
        summary = found == listening::unknown ? found : summary;
    }
    co_return summary;
}

} // namespace restpoint::postgres
