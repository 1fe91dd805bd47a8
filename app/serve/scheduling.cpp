#include "serve/scheduling.hpp"

#include "base/log.hpp"
#include "schedule/preparation.hpp"

#include <unistd.h>

#include <array>

namespace asio = boost::asio;

namespace restpoint {
namespace {

/// The same after a restart, and another on another machine (FNV-1a of the host's name).
std::uint64_t own_seed() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) {
        return 0;
    }
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char* c = name.data(); *c != '\0'; ++c) {
        hash = (hash ^ static_cast<unsigned char>(*c)) * 0x100000001b3;
    }
    return hash;
}

asio::awaitable<schedule::server_role> ask_role(postgres_question ask) {
    const auto status = co_await ask();
    if (status.state != postgres::server_state::running || !status.in_recovery) {
        co_return schedule::server_role::unknown;
    }
    co_return *status.in_recovery ? schedule::server_role::standby : schedule::server_role::primary;
}

asio::awaitable<bool> runs(postgres_question ask) {
    const auto status = co_await ask();
    co_return status.state == postgres::server_state::running;
}

schedule::keeper_options keeper_options_of(const scheduling::surroundings& around) {
    schedule::keeper_options options;
    options.stanza = around.stanza;
    options.jitter_seed = own_seed();
    options.role = [ask = around.postgres_status] { return ask_role(ask); };
    return options;
}

} // namespace

scheduling::scheduling(asio::any_io_executor executor, surroundings around)
    : around_(std::move(around)),
      keeper_(std::move(executor), around_.jobs, around_.rows, keeper_options_of(around_)) {}

void scheduling::replace(const schedule_set& schedules) {
    if (schedules.variables_ignored) {
        log::warn("PG_BACKUP_TIME and its like are not used: the configuration names schedules");
    }
    keeper_.replace(schedules.enabled());
}

asio::awaitable<void> scheduling::run() {
    return keeper_.run();
}

asio::awaitable<void> scheduling::prepare() {
    schedule::preparation what;
    what.stanza = around_.stanza;
    what.database_runs = [ask = around_.postgres_status] { return runs(ask); };
    return schedule::prepare_stanza(std::move(what), around_.jobs);
}

} // namespace restpoint
