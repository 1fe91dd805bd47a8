#include "serve/scheduling.hpp"

#include "base/log.hpp"
#include "schedule/preparation.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
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

asio::awaitable<schedule::role_answer> ask_role(postgres_question ask) {
    using schedule::server_role;
    auto status = co_await ask();
    schedule::role_answer answer;
    if (status.state == postgres::server_state::running && status.in_recovery) {
        answer.role = *status.in_recovery ? server_role::standby : server_role::primary;
    } else {
        answer.why = fmt::format(
            "PostgreSQL does not say whether it is the primary ({}): {}",
            postgres::to_string(status.state), status.detail);
    }
    co_return answer;
}

asio::awaitable<bool> runs(postgres_question ask) {
    const auto status = co_await ask();
    co_return status.state == postgres::server_state::running;
}

schedule::keeper_options keeper_options_of(const scheduling::surroundings& around) {
    schedule::keeper_options options;
    options.stanza = around.stanza;
    options.jitter_seed = own_seed();
    options.claim = around.claim;
    options.claimed = around.claimed;
    options.role = [ask = around.postgres_status] { return ask_role(ask); };
    return options;
}

} // namespace

scheduling::scheduling(asio::any_io_executor executor, surroundings around)
    : around_(std::move(around)),
      keeper_(std::move(executor), around_.jobs, around_.rows, keeper_options_of(around_)) {}

void scheduling::replace(const schedule_set& schedules) {
    all_ = schedules.all;
    if (schedules.variables_ignored) {
        log::warn("PG_BACKUP_TIME and its like are not used: the configuration names schedules");
    }
    auto enabled = schedules.enabled();
    needs_role_ = std::ranges::any_of(enabled, [](const schedule::definition& what) {
        return what.where == schedule::run_on::primary;
    });
    keeper_.replace(std::move(enabled));
}

asio::awaitable<void> scheduling::run() {
    return keeper_.run();
}

asio::awaitable<void> scheduling::try_role() {
    if (!needs_role_) {
        co_return;
    }
    const auto status = co_await around_.postgres_status();
    if (status.state == postgres::server_state::running && !status.in_recovery) {
        log::warn(
            "PostgreSQL refuses the question whether it is the primary: until it answers, "
            "schedules "
            "with run_on = \"primary\" wait",
            {{"error", status.detail}});
    }
}

std::vector<schedule::upcoming> scheduling::next_runs() const {
    return keeper_.next_runs();
}

asio::awaitable<void> scheduling::prepare() {
    schedule::preparation what;
    what.stanza = around_.stanza;
    what.database_runs = [ask = around_.postgres_status] { return runs(ask); };
    return schedule::prepare_stanza(std::move(what), around_.jobs);
}

} // namespace restpoint
