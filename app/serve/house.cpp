#include "serve/house.hpp"

#include "backrest/command.hpp"
#include "backrest/version.hpp"
#include "base/bell.hpp"
#include "base/log.hpp"
#include "process/capture.hpp"
#include "serve/child_environment.hpp"
#include "serve/door_options.hpp"
#include "serve/own_work.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace restpoint {

namespace {

backrest::invocation invocation_of(const config::settings& settings) {
    return {settings.pgbackrest.binary, settings.pgbackrest.config, settings.pgbackrest.stanza};
}

http::server_options server_options(const config::settings& settings) {
    http::server_options options;
    options.address = settings.server.address;
    options.port = settings.server.port;
    options.unix_socket = settings.server.unix_socket;
    options.max_connections = settings.server.max_connections;
    options.request_timeout = settings.server.request_timeout;
    options.guard.allowed_hosts = settings.server.allowed_hosts;
    return options;
}

jobs::retention_policy retention_policy_of(const config::settings& settings) {
    return {
        .keep_jobs = settings.state.keep_jobs,
        .keep_log_bytes = static_cast<std::uint64_t>(settings.state.keep_log_bytes)};
}

} // namespace

house::house(
    asio::io_context& loop, configuration configured, read_configuration read, foundations ground)
    : signals_(loop, SIGTERM, SIGINT),
      settings_(configured.loaded.values),
      environment_(child_environment(environ, settings_.pgbackrest.environment)),
      ground_(std::move(ground)),
      logs_(loop.get_executor(), ground_.directory.jobs()),
      jobs_(loop.get_executor(), *ground_.rows, logs_, service_options(configured)),
      housekeeper_(
          loop.get_executor(), *ground_.rows, logs_, {.keep = retention_policy_of(settings_)}),
      info_(loop.get_executor(), info_options()),
      wal_(
          loop.get_executor(), {.name = "the question to postgresql"},
          [this] { return ask_wal_now(); }),
      server_facts_(
          loop.get_executor(),
          {.name = "the question to postgresql", .fresh_for = std::chrono::seconds{2}},
          [this] { return ask_server_now(); }),
      window_(loop.get_executor(), window_options()),
      claims_(claim_surroundings()),
      schedules_(
          loop.get_executor(), {.jobs = jobs_,
                                .rows = *ground_.rows,
                                .stanza = settings_.pgbackrest.stanza,
                                .postgres_status = [this] { return ask_postgres(); },
                                .claim =
                                    [this](schedule::definition what, wall_time due) {
                                        return claims_.claim(std::move(what), due);
                                    },
                                .claimed =
                                    [this](schedule::definition what, wall_time due) {
                                        return claims_.claimed(std::move(what), due);
                                    }}),
      restores_(restore_questions()),
      aftercare_(
          {.jobs = jobs_,
           .stanza = settings_.pgbackrest.stanza,
           .data = [this] { return data_directory(); },
           .backs_up_elsewhere = [this] { return why_no_backup_here(); },
           .keep_previous = settings_.restore.keep_previous}),
      api_{
          .jobs = jobs_,
          .logs = logs_,
          .info = info_,
          .window = window_,
          .postgres_status = [this] { return ask_postgres(); },
          .schedules =
              {.keeper = &schedules_.keeper(),
               .configured = [this] { return schedules_.configured(); }},
          .invocation = invocation_of(settings_),
          .version = RESTPOINT_VERSION,
          .audit = [this](jobs::audit_entry entry) { write_audit(std::move(entry)); },
          .postgres_wal = [this] { return ask_wal(); },
          .postgres_server = [this] { return ask_server(); },
          .audit_trail =
              [this](jobs::audit_filter filter) { return ground_.rows->audit_trail(filter); },
          .most_waiting = std::max<std::size_t>(settings_.server.max_connections / 4, 1),
          .outlook = outlook(),
          .restores =
              {.look = [this] { return restores_.look(); },
               .tablespaces =
                   [this](std::string label, std::int64_t repo) {
                       return ask_tablespaces(std::move(label), repo);
                   },
               .strange = [this] { return aftercare_.strange(); },
               .can_stop = settings_.postgres.control != config::postgres_control::none},
          .door = api::door(door_options_of(settings_))},
      tokens_(
          loop.get_executor(), tokens_file_of(settings_),
          [this](auth::token_table found) { api_.door.use(std::move(found)); }),
      certificate_(
          loop.get_executor(), tls_files_of(settings_),
          [this](std::shared_ptr<const http::tls_context> renewed) {
              server_->renew(std::move(renewed));
          }),
      manager_(process::own_supervision()),
      reloads_(
          loop.get_executor(), std::move(configured), std::move(read),
          [this](const configuration& again) { take_up(again); }, manager_),
      tasks_(loop.get_executor()) {
    jobs_.on_ending([this] {
        info_.drop();
        wal_.drop();
        server_facts_.drop();
        window_.drop();
    });
    jobs_.on_finished([this](const jobs::job& ended) {
        housekeeper_.job_ended();
        forget_order(orders(), ended);
        tasks_.spawn("after a job", [this, ended] { return aftercare_.see_to(ended); });
    });
}

result<std::unique_ptr<house>> house::build(
    asio::io_context& loop, configuration configured, read_configuration read) {
    const auto settings = configured.loaded.values;
    auto directory = jobs::state_directory::claim(settings.state.dir);
    if (!directory) {
        return directory.error();
    }
    auto rows = jobs::store::open(directory->path());
    if (!rows) {
        return rows.error();
    }
    std::unique_ptr<house> built{new house(
        loop, std::move(configured), std::move(read), {std::move(*directory), std::move(*rows)})};
    auto options = server_options(settings);
    options.refused = api::make_refusal_audit(built->api_);
    if (!settings.server.tls_cert.empty()) {
        auto tls = built->certificate_.load();
        if (!tls) {
            return tls.error();
        }
        options.tls = std::move(*tls);
    }
    auto server = http::server::listen(
        loop.get_executor(), std::move(options), api::make_handler(built->api_));
    if (!server) {
        return server.error();
    }
    built->server_ = std::move(*server);
    return built;
}

jobs::service_options house::service_options(const configuration& configured) {
    jobs::service_options options;
    options.invocation = invocation_of(settings_);
    options.environment = environment_;
    options.program = "/proc/self/exe";
    options.jobs_folder = ground_.directory.jobs();
    options.stop_grace = settings_.jobs.stop_grace;
    options.info = [this] { return info_.get(); };
    options.window = [this] { return window_.get(); };
    options.own = own_work_of(configured, orders());
    options.left_out = [this] { return aftercare_.left_out(); };
    options.expiry_held = [this] { return aftercare_.expiry_held(); };
    return options;
}

jobs::info_options house::info_options() const {
    jobs::info_options options;
    options.binary = settings_.pgbackrest.binary;
    options.config = settings_.pgbackrest.config;
    options.stanza = settings_.pgbackrest.stanza;
    options.environment = environment_;
    options.look_timeout = backrest::look_timeout(configured_option("io-timeout"));
    return options;
}

api::outlook house::outlook() {
    api::outlook known;
    known.store_works = [this] { return ground_.rows->check(); };
    known.next_runs = [this] { return schedules_.next_runs(); };
    known.schedule_runs = [this](std::string schedule, int limit) {
        return ground_.rows->schedule_runs(std::move(schedule), limit);
    };
    known.server = [this] { return server_->statistics(); };
    known.state_folder = settings_.state.dir;
    return known;
}

jobs::window_options house::window_options() {
    jobs::window_options options;
    options.binary = settings_.pgbackrest.binary;
    options.config = settings_.pgbackrest.config;
    options.stanza = settings_.pgbackrest.stanza;
    options.environment = environment_;
    options.look_timeout = backrest::look_timeout(configured_option("io-timeout"));
    options.info = [this] { return info_.get(); };
    options.segment_size = [this] { return ask_segment_size(); };
    return options;
}

/// Asks until there is an answer: without pgbackrest no job succeeds, and restpoint is not ready.
asio::awaitable<void> house::meet_pgbackrest() {
    asio::steady_timer pause(co_await asio::this_coro::executor);
    for (bool complained = false;; complained = true) {
        process::spawn_request what;
        what.argv = backrest::to_argv(invocation_of(settings_), backrest::version{});
        what.environment = environment_;
        const auto ran = co_await process::capture(std::move(what), {});
        if (const auto version = ran ? backrest::parse_version(ran->out) : std::nullopt) {
            introduce(*version);
            co_return;
        }
        if (!complained) {
            log::warn(
                "pgbackrest cannot be asked for its version; jobs will fail until it can",
                {{"binary", settings_.pgbackrest.binary},
                 {"error", ran ? ran->err + ran->out : ran.error().detail}});
        }
        pause.expires_after(10s);
        co_await pause.async_wait(asio::use_awaitable);
    }
}

void house::introduce(const backrest::program_version& version) {
    log::info("pgbackrest found", {{"version", backrest::to_string(version)}});
    api_.outlook.pgbackrest = version;
    jobs_.use_features(backrest::features_of(version));
    if (version < backrest::oldest_supported) {
        log::warn(
            "this pgbackrest is older than any that restpoint is tested with",
            {{"version", backrest::to_string(version)},
             {"oldest_tested", backrest::to_string(backrest::oldest_supported)}});
    }
}

void house::write_audit(jobs::audit_entry entry) {
    log::info(
        "audit", {{"who", entry.who},
                  {"where", entry.where},
                  {"what", entry.what},
                  {"outcome", entry.outcome}});
    tasks_.spawn("audit", [this, entry = std::move(entry)] { return store_audit(entry); });
}

asio::awaitable<void> house::store_audit(jobs::audit_entry entry) {
    const auto written = co_await ground_.rows->audit(std::move(entry));
    if (!written) {
        log::warn("an audit entry could not be stored", {{"error", written.error().detail}});
    }
}

/// Deaf, or without one of its loops, the service is of no use to anybody: whoever supervises it starts
/// it anew, and jobs live on.
asio::awaitable<void> house::vital(
    std::string failed, std::function<asio::awaitable<void>()> part) {
    std::string defect;
    try {
        co_await part();
        co_return;
    } catch (const std::exception& e) {
        defect = e.what();
    }
    co_await throw_if_cancelled();
    log::error(failed, {{"error", defect}});
    exit_code_ = 1;
    signals_.cancel();
}

void house::take_up(const configuration& again) {
    housekeeper_.replace(retention_policy_of(again.loaded.values));
    schedules_.replace(again.schedules);
    if (api_.door.mode() == api::door_mode::tokens) {
        tokens_.look();
    }
    certificate_.look();
}

asio::awaitable<void> house::open() {
    const auto adopted = co_await jobs_.adopt();
    if (!adopted) {
        throw std::runtime_error(adopted.error().detail);
    }
    if (api_.door.mode() == api::door_mode::tokens) {
        tokens_.look();
        tasks_.spawn("tokens", [this] {
            return vital("looking after the tokens failed", [this] { return tokens_.run(); });
        });
    }
    if (!settings_.server.tls_cert.empty()) {
        tasks_.spawn("certificate", [this] {
            return vital(
                "looking after the certificate failed", [this] { return certificate_.run(); });
        });
    }
    report_door(settings_, api_.door);
    tasks_.spawn("version", [this] { return meet_pgbackrest(); });
    tasks_.spawn("listener", [this] {
        return vital("the listener failed", [this] { return server_->run(); });
    });
    const auto& schedules = reloads_.running().schedules;
    schedules_.replace(schedules);
    tasks_.spawn("schedules", [this] {
        return vital("the schedules failed", [this] { return schedules_.run(); });
    });
    if (schedules.from_variables) {
        tasks_.spawn("preparation", [this] { return schedules_.prepare(); });
    }
    tasks_.spawn("role", [this] { return schedules_.try_role(); });
    tasks_.spawn("housekeeping", [this] {
        return vital("the removal of old jobs failed", [this] { return housekeeper_.run(); });
    });
    tasks_.spawn("aftercare", [this] {
        return vital("looking after restores failed", [this] { return aftercare_.run(); });
    });
    tasks_.spawn("refusals", [this] { return api::keep_noting_left_out(api_); });
    tasks_.spawn("reload", [this] {
        return vital("taking up a changed configuration failed", [this] { return reloads_.run(); });
    });
    if (manager_.listens()) {
        tasks_.spawn("signs of life", [this] {
            return vital("telling the service manager failed", [this] { return show_life(); });
        });
    }
    manager_.ready(status());
    if (!settings_.server.unix_socket.empty()) {
        log::info("a Unix socket is there, too", {{"path", settings_.server.unix_socket}});
    }
    log::info(
        "restpoint is ready", {{"version", RESTPOINT_VERSION},
                               {"address", address()},
                               {"tls", !settings_.server.tls_cert.empty()},
                               {"stanza", settings_.pgbackrest.stanza},
                               {"pid", ::getpid()}});
}

asio::awaitable<void> house::close() {
    manager_.stopping("ending", settings_.shutdown.grace + 10s);
    // A quarter of the time for requests under way; jobs get what they need of the rest, and KILL
    // takes a moment too.
    const std::chrono::milliseconds budget = settings_.shutdown.grace;
    jobs_.stop_accepting();
    co_await server_->drain(std::min<std::chrono::milliseconds>(budget / 4, 5s));
    const bool leave = settings_.shutdown.running_jobs == config::running_jobs::leave;
    const auto grace = std::min<std::chrono::milliseconds>(settings_.jobs.stop_grace, budget / 2);
    co_await jobs_.shut_down(leave ? jobs::on_stop::leave : jobs::on_stop::stop, grace);
    tasks_.cancel(asio::cancellation_type::terminal);
    co_await tasks_.join();
    co_await window_.stop();
    co_await wal_.stop();
    co_await server_facts_.stop();
    co_await info_.stop();
    logs_.stop();
}

asio::awaitable<int> house::live() {
    co_await open();
    boost::system::error_code listener_failed;
    const auto signal =
        co_await signals_.async_wait(asio::redirect_error(asio::use_awaitable, listener_failed));
    log::info(
        "restpoint is stopping", {{"signal", signal}, {"jobs_running", jobs_.unfinished().size()}});
    // A second signal ends at once: jobs are safe with their shims.
    signals_.async_wait([](const boost::system::error_code& failed, int) {
        if (!failed) {
            std::_Exit(130);
        }
    });
    co_await close();
    signals_.cancel();
    log::info("restpoint has ended");
    co_return exit_code_;
}

} // namespace restpoint
