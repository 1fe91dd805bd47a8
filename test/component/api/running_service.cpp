#include "running_service.hpp"

#include "api/api.hpp"
#include "base/task_group.hpp"
#include "http/server.hpp"
#include "support/catch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

namespace asio = boost::asio;

using namespace std::chrono_literals;

namespace restpoint::test {
namespace {

std::filesystem::path make_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "restpoint-apiXXXXXX").native();
    if (::mkdtemp(name.data()) == nullptr) {
        throw std::runtime_error("cannot make a folder for the test");
    }
    std::filesystem::create_directory(std::filesystem::path(name) / "jobs");
    return name;
}

template <class Value>
asio::awaitable<Value> give(Value value) {
    co_return value;
}

asio::awaitable<schedule::role_answer> we_are_primary() {
    co_return schedule::role_answer{schedule::server_role::primary, {}};
}

schedule::configured a_schedule(schedule::definition_text text, bool enabled = true) {
    return {schedule::make_definition(text).value(), enabled};
}

/// None of which comes due while a test runs: all are due in the first minute of a year.
std::vector<schedule::configured> some_schedules() {
    const std::string yearly = "@yearly";
    return {
        a_schedule(
            {.name = "nightly", .type = "full", .cron = yearly, .time_zone = "Europe/Berlin"}),
        a_schedule({.name = "checks", .action = "check", .cron = yearly}),
        a_schedule({.name = "off", .action = "check", .cron = yearly}, false)};
}

/// From now on preadv2 fails with EIO for the calling thread. Only logs are read by it.
bool forbid_preadv2() {
    const auto pass = static_cast<std::uint32_t>(SECCOMP_RET_ALLOW);
    const auto fail = static_cast<std::uint32_t>(SECCOMP_RET_ERRNO) | std::uint32_t{EIO};
    std::array<sock_filter, 4> steps{{
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_preadv2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, fail),
        BPF_STMT(BPF_RET | BPF_K, pass),
    }};
    sock_fprog program{static_cast<unsigned short>(steps.size()), steps.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

} // namespace

struct running_service::state {
    state(
        std::vector<std::string> more, std::chrono::milliseconds keep_alive,
        std::size_t max_log_readers)
        : environment(with_gate(std::move(more))),
          logs(loop.get_executor(), folder / "jobs", {.max_readers = max_log_readers}) {
        context.keep_alive = keep_alive;
        auto options = server_options();
        options.refused = api::make_refusal_audit(context);
        auto listening = http::server::listen(
            loop.get_executor(), std::move(options), api::make_handler(context));
        server = std::move(listening.value());
        asio::co_spawn(loop, server->run(), [](const std::exception_ptr&) {});
        keeper.replace({all_schedules[0].what, all_schedules[1].what});
        tasks.spawn("schedules", [this] { return keeper.run(); });
        thread = std::thread([this] { loop.run(); });
    }

    ~state() {
        asio::co_spawn(loop, shut_down(), asio::use_future).get();
        loop.stop();
        thread.join();
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    }

    [[nodiscard]] std::vector<std::string> with_gate(std::vector<std::string> more) const {
        more.emplace_back("PATH=/usr/bin:/bin");
        more.push_back("FAKE_GATE=" + (folder / "gate").native());
        return more;
    }

    asio::awaitable<void> shut_down() {
        co_await server->drain(std::chrono::milliseconds{0});
        tasks.cancel(asio::cancellation_type::terminal);
        co_await tasks.join();
        co_await jobs.shut_down(jobs::on_stop::stop, std::chrono::seconds{5});
        co_await window.stop();
        co_await info.stop();
        logs.stop();
    }

    [[nodiscard]] static http::server_options server_options() {
        http::server_options options;
        options.port = 0;
        return options;
    }

    [[nodiscard]] static backrest::invocation invocation() {
        return {RESTPOINT_FAKE_PGBACKREST, "/etc/pgbackrest/pgbackrest.conf", "main"};
    }

    [[nodiscard]] jobs::service_options service_options() const {
        jobs::service_options options;
        options.invocation = invocation();
        options.environment = environment;
        options.program = RESTPOINT_PROGRAM;
        options.jobs_folder = folder / "jobs";
        options.stop_grace = std::chrono::seconds{2};
        options.own.argv = [](const jobs::job&) {
            return std::vector<std::string>{"/bin/true"}; // how it works is tested elsewhere
        };
        return options;
    }

    [[nodiscard]] jobs::info_options info_options() const {
        jobs::info_options options;
        options.binary = RESTPOINT_FAKE_PGBACKREST;
        options.config = invocation().config.native();
        options.stanza = "main";
        options.environment = environment;
        return options;
    }

    [[nodiscard]] api::outlook outlook() {
        api::outlook known;
        known.store_works = [this] { return rows->check(); };
        known.next_runs = [] {
            const wall_time due{std::chrono::seconds{1795320000}};
            return std::vector<schedule::upcoming>{{"nightly", due, due}};
        };
        known.schedule_runs = [this](std::string schedule, int limit) {
            return rows->schedule_runs(std::move(schedule), limit);
        };
        known.server = [this] { return server->statistics(); };
        known.state_folder = folder;
        known.pgbackrest = backrest::program_version{2, 45, 0};
        return known;
    }

    [[nodiscard]] static schedule::keeper_options keeper_options() {
        schedule::keeper_options options;
        options.stanza = "main";
        options.role = [] { return we_are_primary(); };
        return options;
    }

    [[nodiscard]] jobs::window_options window_options() {
        jobs::window_options options;
        options.binary = RESTPOINT_FAKE_PGBACKREST;
        options.config = invocation().config.native();
        options.stanza = "main";
        options.environment = environment;
        options.info = [this] { return info.get(); };
        return options;
    }

    /// Runs `f` on the loop and gives what it returns.
    template <class F>
    auto on_loop(F f) {
        std::promise<decltype(f())> given;
        auto result = given.get_future();
        asio::post(loop, [&] { given.set_value(f()); });
        return result.get();
    }

    std::filesystem::path folder = make_folder();
    std::vector<std::string> environment;
    asio::io_context loop{1};
    std::unique_ptr<jobs::store> rows = jobs::store::open(folder).value();
    jobs::log_hub logs;
    jobs::service jobs{loop.get_executor(), *rows, logs, service_options()};
    jobs::info_cache info{loop.get_executor(), info_options()};
    jobs::window_cache window{loop.get_executor(), window_options()};
    postgres::server_status postgres_status = {};
    postgres::server_report postgres_server = {};
    result<postgres::wal_facts> postgres_wal = failure{errc::unavailable, "it is away"};
    restore::surroundings around = {};
    std::vector<jobs::audit_entry> audit = {};
    /// What most tests look at is behind the door, not the door.
    static constexpr api::door_options everyone{.mode = api::door_mode::everyone};
    std::vector<schedule::configured> all_schedules = some_schedules();
    schedule::keeper keeper{loop.get_executor(), jobs, *rows, keeper_options()};
    task_group tasks{loop.get_executor()};
    api::api_context context{
        .jobs = jobs,
        .logs = logs,
        .info = info,
        .window = window,
        .postgres_status = [this] { return give(postgres_status); },
        .schedules = {.keeper = &keeper, .configured = [this] { return all_schedules; }},
        .invocation = invocation(),
        .version = "1.2.3",
        .audit = [this](jobs::audit_entry entry) { audit.push_back(std::move(entry)); },
        .postgres_wal = [this] { return give(postgres_wal); },
        .postgres_server = [this] { return give(postgres_server); },
        .audit_trail = [this](jobs::audit_filter filter) { return rows->audit_trail(filter); },
        .outlook = outlook(),
        .restores = {.look = [this] { return give(around); }, .can_stop = true},
        .door = api::door(everyone)};
    std::unique_ptr<http::server> server = {};
    std::thread thread = {};
};

running_service::running_service(
    std::vector<std::string> environment, std::chrono::milliseconds keep_alive,
    std::size_t max_log_readers)
    : state_(std::make_unique<state>(std::move(environment), keep_alive, max_log_readers)) {}

running_service::running_service(
    api::door_options door, auth::token_table tokens, std::vector<std::string> environment)
    : running_service(std::move(environment)) {
    state_->on_loop([&] {
        state_->context.door = api::door(door);
        state_->context.door.use(std::move(tokens));
        return true;
    });
}

std::vector<http::route_outline> running_service::routes() {
    return state_->on_loop([this] { return api::make_router(state_->context).routes(); });
}

void running_service::replace_tokens(auth::token_table tokens) {
    state_->on_loop([&] {
        state_->context.door.use(std::move(tokens));
        return true;
    });
}

running_service::~running_service() = default;

unsigned short running_service::port() const {
    return state_->server->port();
}

void running_service::open_gate() {
    std::ofstream(state_->folder / "gate") << "open";
}

std::size_t running_service::connection_count() {
    return state_->on_loop([this] { return state_->server->statistics().connections; });
}

std::size_t running_service::job_count() {
    jobs::job_filter all;
    all.limit = 500;
    auto list = asio::co_spawn(state_->loop, state_->jobs.list(all), asio::use_future).get();
    return list.value().size();
}

std::string running_service::state_of(std::int64_t job) {
    auto found = asio::co_spawn(state_->loop, state_->jobs.find(job), asio::use_future).get();
    return std::string(to_string(found.value().state));
}

restore::order running_service::order_of(std::int64_t job) {
    auto found = asio::co_spawn(state_->loop, state_->jobs.find(job), asio::use_future).get();
    return restore::parse_order(found.value().spec.order).value();
}

void running_service::await_schedules() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (state_->on_loop([this] { return state_->keeper.next_runs().size(); }) < 2) {
        if (std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error("the schedules were never kept");
        }
    }
}

std::vector<std::string> running_service::audited() {
    return state_->on_loop([this] {
        std::vector<std::string> outcomes;
        for (const auto& entry : state_->audit) {
            outcomes.push_back(entry.outcome);
        }
        return outcomes;
    });
}

std::vector<std::string> running_service::audited_callers() {
    return state_->on_loop([this] {
        std::vector<std::string> callers;
        for (const auto& entry : state_->audit) {
            callers.push_back(entry.who);
        }
        return callers;
    });
}

std::vector<std::string> running_service::audited_requests() {
    return state_->on_loop([this] {
        std::vector<std::string> requests;
        for (const auto& entry : state_->audit) {
            requests.push_back(entry.what);
        }
        return requests;
    });
}

std::int64_t running_service::write_job(jobs::job_kind kind, jobs::job_state state) {
    jobs::job what;
    what.spec.kind = kind;
    what.spec.stanza = "main";
    what.state = state;
    what.requested_by = "test";
    what.created = std::chrono::system_clock::now();
    auto writing = state_->rows->insert(std::move(what));
    return asio::co_spawn(state_->loop, std::move(writing), asio::use_future).get().value();
}

void running_service::pass_second_of_refusals() {
    state_->on_loop([this] {
        api::note_left_out(
            state_->context, api::rate_limit::clock::now() + std::chrono::seconds{1});
        return true;
    });
}

void running_service::write_audit(jobs::audit_entry entry) {
    auto writing = state_->rows->audit(std::move(entry));
    asio::co_spawn(state_->loop, std::move(writing), asio::use_future).get().value();
}

void running_service::pretend(postgres::server_status status) {
    state_->on_loop([&] { return std::exchange(state_->postgres_status, status); });
}

void running_service::pretend(postgres::server_report report) {
    state_->on_loop([&] { return std::exchange(state_->postgres_server, report).status.state; });
}

void running_service::pretend(postgres::wal_facts facts) {
    state_->on_loop([&] { return std::exchange(state_->postgres_wal, facts).has_value(); });
}

void running_service::pretend(restore::surroundings around) {
    state_->on_loop([&] { return std::exchange(state_->around, around).where.exists; });
}

bool running_service::break_log_reads() {
    return state_->on_loop(forbid_preadv2);
}

void running_service::pretend(std::optional<backrest::program_version> version) {
    state_->on_loop([&] { return std::exchange(state_->context.outlook.pgbackrest, version); });
}

std::string running_service::metrics_of_a_new_router() {
    const auto routes = state_->on_loop([this] { return api::make_router(state_->context); });
    http::request asked;
    asked.path = "/metrics";
    auto answering = routes.dispatch(asked);
    auto answer = asio::co_spawn(state_->loop, std::move(answering), asio::use_future).get();
    return std::get<http::response>(answer).body;
}

void running_service::let_wait(std::size_t most) {
    state_->on_loop([&] { return std::exchange(state_->context.most_waiting, most); });
}

void running_service::lose_patience() {
    state_->on_loop([this] { return std::exchange(state_->context.patience, 20ms); });
}

void running_service::forget_info() {
    state_->on_loop([this] {
        state_->info.drop();
        return true;
    });
}

void running_service::lose_store() {
    std::filesystem::rename(state_->folder / "restpoint.db", state_->folder / "elsewhere.db");
}

void running_service::remove_log(std::int64_t job) {
    const auto now = std::chrono::system_clock::now();
    auto removing = state_->rows->remove_logs({job}, now);
    asio::co_spawn(state_->loop, std::move(removing), asio::use_future).get().value();
}

void running_service::remove_job(std::int64_t job) {
    auto removing = state_->rows->remove_jobs({job});
    asio::co_spawn(state_->loop, std::move(removing), asio::use_future).get().value();
}

} // namespace restpoint::test
