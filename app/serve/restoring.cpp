#include "serve/restoring.hpp"

#include "jobs/on_pool.hpp"

#include <utility>

namespace asio = boost::asio;

namespace restpoint {
namespace {

restore::live_cluster live_of(const postgres::server_facts& facts) {
    restore::live_cluster live;
    live.system_id = facts.system_id;
    live.timeline = facts.wal.in_recovery ? 0 : facts.wal.timeline;
    live.position = facts.wal.position;
    live.now = std::chrono::system_clock::now(); // until the server tells its own
    return live;
}

void add(restore::live_cluster& live, postgres::neighbours told) {
    live.now = told.now;
    live.last_commit = told.last_commit;
    live.manager = std::move(told.manager);
    live.standbys = std::move(told.standbys);
    live.subscribers = std::move(told.subscribers);
    live.slots = std::move(told.slots);
    live.prepared = std::move(told.prepared);
    live.tablespaces = std::move(told.tablespaces);
}

} // namespace

restoring::restoring(questions ask) : ask_(std::move(ask)) {}

asio::awaitable<restore::surroundings> restoring::look() {
    auto asking = ask_.server();
    const auto server = co_await std::move(asking);
    auto place = ask_.place;
    if (server.facts && server.facts->data_directory) {
        place.server_says = *server.facts->data_directory;
    }
    auto measuring =
        jobs::on_pool(pool_, [place = std::move(place)] { return restore::look_at_place(place); });
    auto found = co_await std::move(measuring);
    if (!server.facts) {
        if (server.status.state != postgres::server_state::stopped) {
            found.warnings.push_back("the server does not say what it is: " + server.status.detail);
        }
        co_return found;
    }
    found.live = live_of(*server.facts);
    auto asking_neighbours = ask_.neighbours();
    auto neighbours = co_await std::move(asking_neighbours);
    if (neighbours) {
        add(*found.live, std::move(*neighbours));
    } else {
        found.warnings.push_back(
            "who follows this server is not known: " + neighbours.error().detail);
    }
    co_return found;
}

} // namespace restpoint
