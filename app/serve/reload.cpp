#include "serve/reload.hpp"

#include "base/log.hpp"
#include "config/changes.hpp"

#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <string_view>

namespace asio = boost::asio;

namespace restpoint {
namespace {

/// The keys that are taken up while the service runs.
constexpr std::array<std::string_view, 2> at_once{"state.keep_jobs_days", "state.keep_log_bytes"};

void mask_hangups(int how) {
    ::sigset_t only{};
    ::sigemptyset(&only);
    ::sigaddset(&only, SIGHUP);
    ::pthread_sigmask(how, &only, nullptr);
}

/// A default file may be absent at the start. One that was there and is gone is a mishap, and would
/// take every schedule with it.
void check_file(const configuration& running, configuration& found) {
    const auto& before = running.loaded.file;
    if (!before.empty() && found.loaded.file.empty() && found.loaded.problems.empty()) {
        found.loaded.problems.push_back(
            {.where = before.native(),
             .detail = "the configuration file is gone",
             .hint = "to run without it, start restpoint anew"});
    }
}

} // namespace

void hold_hangups() {
    mask_hangups(SIG_BLOCK);
}

reloader::reloader(
    asio::any_io_executor executor, configuration running, read_configuration read,
    std::function<void(const configuration&)> take_up, process::service_manager& manager)
    : hangups_(executor, SIGHUP),
      running_(std::move(running)),
      read_(std::move(read)),
      take_up_(std::move(take_up)),
      manager_(manager) {
    mask_hangups(SIG_UNBLOCK);
}

reloader::~reloader() {
    hold_hangups();
}

asio::awaitable<void> reloader::run() {
    for (;;) {
        co_await hangups_.async_wait(asio::use_awaitable);
        manager_.reloading();
        const auto outcome = reload();
        manager_.ready(outcome);
    }
}

std::string reloader::reload() {
    auto found = read_();
    check_file(running_, found);
    for (const auto& problem : found.loaded.problems) {
        log::error(
            "a problem in the configuration",
            {{"where", problem.where}, {"error", problem.detail}, {"hint", problem.hint}});
    }
    if (!found.loaded.problems.empty()) {
        log::error(
            "configuration not reloaded: everything stays as it was",
            {{"problems", found.loaded.problems.size()}});
        return "configuration not reloaded: everything stays as it was";
    }
    for (const auto& key : config::changed_keys(running_.loaded.values, found.loaded.values)) {
        if (std::ranges::find(at_once, key) == at_once.end()) {
            log::warn("a changed key takes effect at the next start", {{"key", key}});
        }
    }
    take_up_(found);
    log::info(
        "configuration reloaded",
        {{"file", found.loaded.file.native()}, {"schedules", found.schedules.enabled().size()}});
    return "configuration reloaded";
}

} // namespace restpoint
