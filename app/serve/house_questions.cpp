// What the house asks PostgreSQL, for all who want to know.
#include "backrest/command.hpp"
#include "backrest/config_file.hpp"
#include "base/file.hpp"
#include "control_options.hpp"
#include "jobs/on_pool.hpp"
#include "jobs/output_of.hpp"
#include "postgres/control.hpp"
#include "postgres/probe.hpp"
#include "process/capture.hpp"
#include "serve/house.hpp"

#include <fmt/format.h>

namespace asio = boost::asio;

namespace restpoint {
namespace {

/// Empty where it is not known, too.
std::string holder_of(const postgres::control_options& how) {
    const auto told = postgres::make_control(how)->holder();
    return told ? *told : std::string();
}

} // namespace

postgres::connection_options house::postgres_options() const {
    postgres::connection_options where;
    where.socket_dir = settings_.postgres.socket_dir;
    where.port = settings_.postgres.port;
    where.user = settings_.postgres.user;
    where.database = settings_.postgres.database;
    return where;
}

asio::awaitable<postgres::server_status> house::ask_postgres() const {
    auto status = co_await postgres::ask_status(postgres_options());
    co_return status;
}

asio::awaitable<result<house::wal_answer>> house::ask_wal_now() const {
    wal_answer told;
    told.facts = co_await postgres::ask_wal(postgres_options());
    co_return told;
}

asio::awaitable<result<postgres::wal_facts>> house::ask_wal() {
    const auto told = co_await wal_.get();
    if (!told) {
        co_return told.error();
    }
    if ((*told)->stale) {
        co_return failure{errc::unavailable, "postgresql does not answer in time"};
    }
    co_return (*told)->facts;
}

asio::awaitable<result<house::server_answer>> house::ask_server_now() {
    server_answer told;
    told.report = co_await postgres::look_at_server(postgres_options());
    if (settings_.postgres.control == config::postgres_control::agent &&
        told.report.status.state != postgres::server_state::running) {
        auto asking = jobs::on_pool(
            agent_asking_, [how = control_options_of(settings_)] { return holder_of(how); });
        told.report.held_by = co_await std::move(asking);
    }
    co_return told;
}

asio::awaitable<postgres::server_report> house::ask_server() {
    const auto told = co_await server_facts_.get();
    if (told && !(*told)->stale) {
        co_return (*told)->report;
    }
    postgres::server_report none;
    none.status.state = postgres::server_state::unreachable;
    none.status.detail = told ? "postgresql does not answer in time" : told.error().detail;
    co_return none;
}

/// Asked anew each time, unlike for pages: what a plan says must hold now.
restoring::questions house::restore_questions() const {
    restoring::questions ask;
    ask.server = [this] { return postgres::look_at_server(postgres_options()); };
    ask.neighbours = [this] { return postgres::ask_neighbours(postgres_options()); };
    ask.place = {
        .stanza = settings_.pgbackrest.stanza,
        .pgbackrest_config = settings_.pgbackrest.config,
        .environment = environment_,
        .data_directory = settings_.postgres.data_dir};
    return ask;
}

/// Read from the manifest of the set, by pgbackrest: not for every look at the backups.
asio::awaitable<result<std::vector<backrest::tablespace_info>>> house::ask_tablespaces(
    std::string label, std::int64_t repo) const {
    process::spawn_request what;
    what.argv = backrest::to_argv(
        {settings_.pgbackrest.binary, settings_.pgbackrest.config, settings_.pgbackrest.stanza},
        backrest::info{.repo = static_cast<int>(repo), .set = label});
    what.environment = environment_;
    auto asking = process::capture(std::move(what), {});
    auto ran = co_await std::move(asking);
    const auto text = jobs::output_of("info", std::move(ran));
    const auto all = text ? backrest::parse_info(*text) : text.error();
    if (!all) {
        co_return all.error();
    }
    for (const auto& stanza : *all) {
        for (const auto& one : stanza.backups) {
            if (stanza.name == settings_.pgbackrest.stanza && one.label == label) {
                co_return one.tablespaces;
            }
        }
    }
    co_return failure{
        errc::unavailable, fmt::format("pgbackrest info says nothing of backup '{}'", label)};
}

/// What is known of the repo may be some seconds old: the claim itself decides.
claims::surroundings house::claim_surroundings() {
    claims::surroundings around;
    around.pgbackrest = {
        settings_.pgbackrest.binary, settings_.pgbackrest.config, settings_.pgbackrest.stanza};
    around.environment = environment_;
    around.notes = ground_.directory.path() / "claims";
    around.info = [this] { return info_.get(); };
    around.wal = [this] { return postgres::ask_wal(postgres_options()); };
    around.data = [this] { return data_directory(); };
    return around;
}

asio::awaitable<std::optional<std::uint64_t>> house::ask_segment_size() {
    const auto facts = co_await ask_wal();
    co_return facts ? std::optional(facts->segment_bytes) : std::nullopt;
}

asio::awaitable<std::string> house::why_no_backup_here() const {
    if (configured_option("repo1-host")) {
        co_return "the repo's host makes them";
    }
    auto asking = ask_postgres();
    const auto status = co_await std::move(asking);
    co_return status.in_recovery.value_or(false) ? "the server is a standby now" : "";
}

std::optional<std::string> house::configured_option(std::string_view option) const {
    const auto text = read_file(settings_.pgbackrest.config);
    return backrest::configured(
        text ? std::string_view(*text) : std::string_view(), environment_,
        settings_.pgbackrest.stanza, option);
}

std::filesystem::path house::data_directory() const {
    std::string named = settings_.postgres.data_dir;
    if (named.empty()) {
        named = configured_option("pg1-path").value_or("");
    }
    std::error_code bad;
    auto real = std::filesystem::weakly_canonical(named, bad);
    return bad || named.empty() ? std::filesystem::path() : real;
}

} // namespace restpoint
