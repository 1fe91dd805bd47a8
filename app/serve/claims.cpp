#include "serve/claims.hpp"

#include "backrest/wal_name.hpp"
#include "base/file.hpp"
#include "jobs/window_answer.hpp"
#include "restore/directories.hpp"
#include "restore/pin.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <random>

namespace asio = boost::asio;

namespace restpoint {
namespace {

std::string own_machine() {
    std::array<char, 256> name{};
    const bool named = ::gethostname(name.data(), name.size() - 1) == 0;
    return schedule::machine_of(named ? name.data() : "");
}

std::string fresh_nonce() {
    std::random_device chance;
    return fmt::format("{:08x}{:08x}", chance(), chance());
}

std::chrono::milliseconds uptime() {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec});
}

schedule::repo_access access_to(const jobs::repo_files& repo) {
    schedule::repo_access access;
    access.put = [&repo](std::string path, std::string content, std::chrono::milliseconds limit) {
        return repo.put(std::move(path), std::move(content), limit);
    };
    access.list = [&repo](std::string folder) { return repo.list(std::move(folder)); };
    access.remove = [&repo](std::string folder) { return repo.remove(std::move(folder)); };
    return access;
}

schedule::claimant_options claimant_options_of(const claims::surroundings& around) {
    schedule::claimant_options options;
    options.stanza = around.pgbackrest.stanza;
    options.machine = own_machine();
    options.notes = around.notes;
    options.nonce = fresh_nonce;
    options.uptime = uptime;
    return options;
}

schedule::claim_answer open_because(const failure& why) {
    return {schedule::claim_outcome::open, {}, why.detail};
}

/// The archive of today's cluster in the repo that backups go to.
std::optional<jobs::archive_key> archive_in(
    const jobs::info_answer& known, const std::string& stanza) {
    const auto own = std::ranges::find(known.stanzas, stanza, &backrest::stanza_info::name);
    if (own == known.stanzas.end()) {
        return {};
    }
    for (const auto& one : jobs::archives_of(*own)) { // the current ones first, by their repos
        if (one.current) {
            return one;
        }
    }
    return {};
}

} // namespace

claims::claims(surroundings around)
    : around_(std::move(around)),
      repo_({.how = around_.pgbackrest, .environment = around_.environment}),
      claimant_(access_to(repo_), claimant_options_of(around_)) {}

/// Of what has come into the repo since nothing was said: another server was promoted after the undo.
bool claims::is_live(std::uint32_t timeline, std::uint32_t newest) const {
    const auto data = around_.data();
    if (const auto noted =
            data.empty() ? std::nullopt : restore::noted_live_timeline(restore::work_root(data))) {
        return noted->live == timeline && newest <= noted->newest;
    }
    const auto text = read_file(around_.pgbackrest.config);
    return text && restore::pin_in(*text, around_.pgbackrest.stanza) == timeline;
}

asio::awaitable<result<std::uint32_t>> claims::newest_timeline() {
    const auto known = co_await around_.info();
    if (!known) {
        co_return known.error();
    }
    const auto archive = archive_in(**known, around_.pgbackrest.stanza);
    if (!archive || (*known)->stale) {
        co_return failure{
            errc::unavailable, "pgbackrest does not say where the WAL lies in the repo"};
    }
    const auto path = backrest::archive_path(around_.pgbackrest.stanza, archive->id);
    if (!path) {
        co_return path.error();
    }
    const auto listed = co_await repo_.list(*path, "\\.history$");
    if (!listed) {
        co_return listed.error();
    }
    std::uint32_t newest = 0;
    for (const auto& file : *listed) {
        const auto stem = std::string_view(file.name).substr(0, file.name.find('.'));
        newest = std::max(newest, backrest::parse_timeline(stem).value_or(0));
    }
    co_return newest;
}

asio::awaitable<result<std::optional<std::string>>> claims::replaced_by() {
    const auto facts = co_await around_.wal();
    if (!facts) {
        co_return facts.error();
    }
    if (facts->in_recovery) {
        co_return failure{errc::unavailable, "the server went into recovery meanwhile"};
    }
    const auto newest = co_await newest_timeline();
    if (!newest) {
        co_return newest.error();
    }
    if (*newest <= facts->timeline || is_live(facts->timeline, *newest)) {
        co_return std::optional<std::string>();
    }
    co_return fmt::format(
        "this server writes timeline {}, and the repo has timeline {}: another server has been "
        "promoted",
        facts->timeline, *newest);
}

asio::awaitable<result<std::optional<std::string>>> claims::claimed(
    schedule::definition what, wall_time due) {
    return claimant_.claimed(std::move(what.name), due);
}

asio::awaitable<schedule::claim_answer> claims::claim(schedule::definition what, wall_time due) {
    if (what.where == schedule::run_on::primary) {
        const auto replaced = co_await replaced_by();
        if (!replaced) {
            co_return open_because(replaced.error());
        }
        if (*replaced) {
            co_return schedule::claim_answer{schedule::claim_outcome::barred, {}, **replaced};
        }
    }
    auto claiming = claimant_.claim(std::move(what.name), due);
    auto answer = co_await std::move(claiming);
    co_return answer;
}

} // namespace restpoint
