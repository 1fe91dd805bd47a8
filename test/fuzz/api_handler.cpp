// The whole of a connection: bytes over a socket, through parser, guard, router and door to the
// handlers of the API over a real store. Children are noted and not started. The first byte of an
// input chooses the door; "@T" in the rest stands for an admin's token.
//
// Whatever comes: what children are given is what restpoint itself writes, every answer is
// well-formed, no defect shows, and no secret of the configuration is told.
#include "../support/known_argv.hpp"
#include "api/api.hpp"
#include "auth/secrets.hpp"
#include "auth/token.hpp"
#include "base/log.hpp"
#include "base/task_group.hpp"
#include "http/request_reader.hpp"
#include "http/server.hpp"
#include "support/answers.hpp"
#include "support/fuzz.hpp"
#include "support/recorded_children.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <memory>

namespace api = restpoint::api;
namespace asio = boost::asio;
namespace auth = restpoint::auth;
namespace http = restpoint::http;
namespace jobs = restpoint::jobs;
namespace postgres = restpoint::postgres;
namespace schedule = restpoint::schedule;
using namespace std::chrono_literals;

namespace {

const std::string planted = "cipher-pass-8d0c5ad7";
const std::string config_file = "/etc/pgbackrest/pgbackrest.conf";
const std::vector<std::string> environment{
    "PATH=/usr/bin:/bin", "PGBACKREST_REPO1_CIPHER_PASS=" + planted};

std::string token_of(unsigned char n) {
    auth::token_bits bits;
    bits.id[0] = n;
    bits.secret[0] = n;
    return auth::make_token(bits);
}

auth::token_table tokens() {
    auth::token_record admin;
    admin.id = std::string(*auth::id_of(token_of(1)));
    admin.name = "admin";
    admin.role = auth::role::admin;
    admin.hash = auth::sha256_hex(token_of(1));
    auth::token_table made;
    made.add(std::move(admin)).value();
    return made;
}

template <class Value>
asio::awaitable<Value> give(Value value) {
    co_return value;
}

std::vector<schedule::configured> some_schedules() {
    const auto made = [](schedule::definition_text text) {
        return schedule::configured{schedule::make_definition(text).value(), true};
    };
    return {
        made({.name = "nightly", .type = "full", .cron = "@yearly"}),
        made({.name = "checks", .action = "check", .cron = "@yearly"})};
}

/// A folder in memory where there is such a file system.
std::filesystem::path make_folder() {
    const std::filesystem::path fast = "/dev/shm";
    const auto below =
        std::filesystem::is_directory(fast) ? fast : std::filesystem::temp_directory_path();
    std::string name = (below / "restpoint-fuzzXXXXXX").native();
    demand(::mkdtemp(name.data()) != nullptr, "there is room for a folder");
    std::filesystem::create_directory(std::filesystem::path(name) / "jobs");
    return name;
}

/// The service on one loop that the target turns by hand.
class house {
  public:
    house() {
        http::server_options options;
        options.port = 0;
        options.refused = api::make_refusal_audit(context_);
        auto listening =
            http::server::listen(loop_.get_executor(), options, api::make_handler(context_));
        server_ = std::move(listening.value());
        tasks_.spawn("listener", [this] { return server_->run(); });
        std::vector<schedule::definition> kept;
        for (const auto& one : schedules_) {
            kept.push_back(one.what);
        }
        keeper_.replace(std::move(kept));
        tasks_.spawn("schedules", [this] { return keeper_.run(); });
        add_ended_job();
    }
    ~house() {
        end_jobs();
        bool over = false;
        asio::co_spawn(loop_, shut_down(over), asio::detached);
        turn_until([&over] { return over; });
        server_.reset();
        loop_.poll();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    house(const house&) = delete;
    house& operator=(const house&) = delete;

    [[nodiscard]] unsigned short port() const { return server_->port(); }

    void open_door(api::door_options how) {
        context_.door = api::door(how);
        context_.door.use(tokens());
    }

    /// Runs what can be run; false when all waits for something.
    bool turn() { return loop_.run_one_for(1ms) > 0; }

    /// Until no job is left and nothing is under way. Without end this is a hang, which libFuzzer
    /// reports.
    void settle() {
        end_jobs();
        turn_until([this] { return jobs_.unfinished().empty(); });
        while (turn()) {
        }
        let_jobs_run();
    }

  private:
    template <class Condition>
    void turn_until(Condition holds) {
        while (!holds()) {
            loop_.restart();
            turn();
        }
    }

    asio::awaitable<void> shut_down(bool& over) {
        co_await server_->drain(0ms);
        tasks_.cancel(asio::cancellation_type::terminal);
        co_await tasks_.join();
        co_await jobs_.shut_down(jobs::on_stop::leave, 0ms);
        co_await window_.stop();
        co_await info_.stop();
        logs_.stop();
        over = true;
    }

    /// So that there is a job, and a log, to ask for.
    void add_ended_job() {
        jobs::job one;
        one.spec.kind = jobs::job_kind::backup;
        one.spec.stanza = "main";
        one.spec.type = restpoint::backrest::backup_type::full;
        one.state = jobs::job_state::succeeded;
        one.created = one.finished.emplace(std::chrono::system_clock::now());
        std::ofstream(folder_ / "jobs" / "1.log")
            << "2026-11-22 06:42:35.140 P00   INFO: backup command begin 2.45: --stanza=main\n"
            << "2026-11-22 06:42:36.140 P00   WARN: <b>\xff</b>\n";
        bool written = false;
        asio::co_spawn(loop_, rows_->insert(one), [&](const std::exception_ptr&, auto id) {
            written = id.has_value();
        });
        turn_until([&written] { return written; });
    }

    [[nodiscard]] static restpoint::backrest::invocation invocation() {
        return {"pgbackrest", config_file, "main"};
    }

    [[nodiscard]] jobs::service_options service_options() {
        jobs::service_options options;
        options.invocation = invocation();
        options.environment = environment;
        options.program = "/proc/self/exe";
        options.jobs_folder = folder_ / "jobs";
        options.info = [this] { return info_.get(); };
        return options;
    }

    [[nodiscard]] static jobs::info_options info_options() {
        jobs::info_options options;
        options.config = config_file;
        options.stanza = "main";
        options.environment = environment;
        return options;
    }

    [[nodiscard]] jobs::window_options window_options() {
        jobs::window_options options;
        options.config = config_file;
        options.stanza = "main";
        options.environment = environment;
        options.info = [this] { return info_.get(); };
        return options;
    }

    [[nodiscard]] static schedule::keeper_options keeper_options() {
        schedule::keeper_options options;
        options.stanza = "main";
        options.role = [] {
            return give(schedule::role_answer{schedule::server_role::primary, {}});
        };
        return options;
    }

    [[nodiscard]] api::outlook outlook() {
        api::outlook known;
        known.store_works = [this] { return rows_->check(); };
        known.next_runs = [this] { return keeper_.next_runs(); };
        known.schedule_runs = [this](std::string name, int limit) {
            return rows_->schedule_runs(std::move(name), limit);
        };
        known.server = [this] { return server_->statistics(); };
        known.state_folder = folder_;
        known.pgbackrest = restpoint::backrest::program_version{2, 45, 0};
        return known;
    }

    asio::awaitable<void> store_audit(jobs::audit_entry entry) {
        auto written = co_await rows_->audit(std::move(entry));
        demand(written.has_value(), "the audit trail is written");
    }

    std::filesystem::path folder_ = make_folder();
    asio::io_context loop_{1};
    std::unique_ptr<jobs::store> rows_ = jobs::store::open(folder_).value();
    jobs::log_hub logs_{loop_.get_executor(), folder_ / "jobs", {}};
    jobs::info_cache info_{loop_.get_executor(), info_options()};
    jobs::service jobs_{loop_.get_executor(), *rows_, logs_, service_options()};
    jobs::window_cache window_{loop_.get_executor(), window_options()};
    std::vector<schedule::configured> schedules_ = some_schedules();
    schedule::keeper keeper_{loop_.get_executor(), jobs_, *rows_, keeper_options()};
    restpoint::task_group tasks_{loop_.get_executor()};
    api::api_context context_{
        .jobs = jobs_,
        .logs = logs_,
        .info = info_,
        .window = window_,
        .postgres_status = [] { return give(postgres::server_status{}); },
        .schedules = {.keeper = &keeper_, .configured = [this] { return schedules_; }},
        .invocation = invocation(),
        .version = "1.2.3",
        .audit =
            [this](jobs::audit_entry entry) {
                tasks_.spawn(
                    "audit", [this, entry = std::move(entry)] { return store_audit(entry); });
            },
        .postgres_wal =
            [] {
                return give(restpoint::result<postgres::wal_facts>{
                    restpoint::failure{restpoint::errc::unavailable, "it is away"}});
            },
        .audit_trail = [this](jobs::audit_filter filter) { return rows_->audit_trail(filter); },
        .outlook = outlook()};
    std::unique_ptr<http::server> server_;
};

/// Lives across inputs, and not longer than what one of them started.
std::unique_ptr<house> current;

/// One connection, and what came over it until its end.
std::string talk(house& service, std::string_view bytes) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(service.port());
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int connected = ::connect(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where);
    demand(connected == 0 || errno == EINPROGRESS, "there is a way to the server");
    std::string came;
    std::size_t sent = 0;
    bool all_sent = false;
    for (;;) {
        if (!all_sent) {
            const auto n = ::send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
            sent += n > 0 ? static_cast<std::size_t>(n) : 0;
            all_sent = sent == bytes.size() || (n < 0 && errno != EAGAIN && errno != ENOTCONN);
            if (all_sent) {
                ::shutdown(fd, SHUT_WR);
            }
        }
        std::array<char, 65536> block{};
        const auto n = ::recv(fd, block.data(), block.size(), 0);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != ENOTCONN)) {
            break;
        }
        if (n > 0) {
            came.append(block.data(), static_cast<std::size_t>(n));
        } else if (!service.turn()) {
            end_jobs(); // who waits, waits for them
        }
    }
    const linger at_once{1, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(fd);
    return came;
}

/// The methods of the requests in it, as far as they can be read.
std::vector<std::string> methods_in(std::string_view bytes) {
    std::vector<std::string> methods;
    http::request_reader reader({}, "127.0.0.1:1");
    while (!bytes.empty()) {
        const bool had_head = reader.has_head();
        const auto step = reader.feed(bytes);
        bytes.remove_prefix(step.consumed);
        const bool refused = step.now == http::request_reader::progress::refused;
        // Of one that is refused the method may be known: HEAD has no body then, either.
        if (!had_head && (reader.has_head() || refused)) {
            methods.emplace_back(to_string(reader.value().verb));
        }
        if (refused) {
            break;
        }
        if (step.now == http::request_reader::progress::complete) {
            reader.start();
        } else if (step.consumed == 0) {
            break;
        }
    }
    return methods;
}

void check_answer(const read_answer& one, std::string_view input) {
    demand(one.status != 500, "no defect shows", one.body);
    if (lower(one.head).find("content-type: application/json") != std::string::npos &&
        !one.body.empty()) {
        boost::system::error_code wrong;
        (void)boost::json::parse(one.body, wrong);
        demand(!wrong, "what is called JSON is JSON", one.body);
    }
    for (const auto& secret : {planted, auth::sha256_hex(token_of(1))}) {
        const bool told =
            one.head.find(secret) != one.head.npos || one.body.find(secret) != one.body.npos;
        // The fuzzer learns the secret from these comparisons, and answers repeat what was asked.
        const bool asked = lower(input).find(secret.substr(0, 6)) != std::string::npos;
        demand(!told || asked, "no answer tells a secret");
    }
}

void check_child(const recorded_child& child) {
    demand(!child.argv.empty() && child.argv.front() == "pgbackrest", "the program is ours");
    demand(child.environment == environment, "the environment is ours");
    for (const auto& word : child.argv) {
        demand(word.find('\0') == word.npos, "no argument holds a NUL", word);
    }
    const std::span<const std::string> arguments(child.argv.begin() + 1, child.argv.end());
    const auto stranger = restpoint::test::stranger_in(arguments, {config_file, "main"});
    demand(!stranger, "every argument is one of ours", stranger.value_or(""));
}

std::string with_token(std::string_view input) {
    std::string text(input);
    const auto token = token_of(1);
    for (auto at = text.find("@T"); at != text.npos; at = text.find("@T", at + token.size())) {
        text.replace(at, 2, token);
    }
    return text;
}

api::door_options door_for(std::uint8_t choice) {
    api::door_options how;
    how.failures.at_once = 1'000'000;
    switch (choice % 4U) {
    case 0:
        how.anonymous = auth::role::viewer;
        break;
    case 1:
        how.anonymous = auth::role::operate;
        break;
    case 2:
        break;
    default:
        how.mode = api::door_mode::everyone;
        break;
    }
    return how;
}

} // namespace

void probe(std::string_view input) {
    if (!current) {
        restpoint::log::start({.minimum = restpoint::log::level::error});
        current = std::make_unique<house>();
        std::atexit([] { current.reset(); });
    }
    dispenser from(input);
    current->open_door(door_for(from.byte()));
    const auto bytes = with_token(from.rest());

    const auto came = talk(*current, bytes);
    current->settle();

    for (const auto& one : read_answers(came, methods_in(bytes))) {
        check_answer(one, bytes);
    }
    bool started = false;
    for (const auto& child : take_children()) {
        check_child(child);
        started = started ||
                  std::ranges::find(child.argv, "--log-level-console=detail") != child.argv.end();
    }
    if (started) {
        current = std::make_unique<house>(); // the next input finds what this one has found
    }
}
