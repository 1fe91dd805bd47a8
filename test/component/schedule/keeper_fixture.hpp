// A restpoint that keeps schedules by a clock which the test sets, with a real store, a real
// service and the stand-in for pgbackrest.
#pragma once

#include "base/log.hpp"
#include "base/task_group.hpp"
#include "component/jobs/service_fixture.hpp"
#include "jobs/schedule_queries.hpp"
#include "schedule/keeper.hpp"
#include "support/standard_error.hpp"

namespace restpoint::schedule::test {

using jobs::run_outcome;
using jobs::schedule_run;
using jobs::test::lines_of;
using jobs::test::machine;
using namespace std::chrono_literals;

inline wall_time at(const char* text) {
    return parse_rfc3339(text).value();
}

/// What the service's log says while this lives.
class heard_log {
  public:
    heard_log() { log::start({log::level::info, log::format::json}); }

    /// Lines of a level that hold all of these.
    [[nodiscard]] std::size_t count(
        const std::string& level, const std::string& part = {},
        const std::string& another = {}) const {
        return heard_.lines_with({"\"level\":\"" + level + '"', part, another});
    }
    [[nodiscard]] std::size_t errors() const { return count("error"); }

  private:
    restpoint::test::standard_error heard_;
};

/// What the world around a keeper is like: the test changes it, keepers come and go.
struct world {
    wall_time clock = at("2026-11-22T12:00:00Z");
    server_role role = server_role::primary;
    int looks = 0; ///< at the clock
    int asked = 0; ///< for the role
    claim_answer claim = {claim_outcome::ours, "here", {}};
    std::vector<std::string> claimed = {}; ///< "SCHEDULE DUE" of each time somebody asked
    result<std::optional<std::string>> seen = std::optional<std::string>();
    std::function<void()> on_claim = [] {};
    std::function<boost::asio::awaitable<result<>>()> while_claiming = {};
    machine home = {};
    heard_log log = {};

    /// The runs of a schedule as they are on disk, oldest first.
    [[nodiscard]] std::vector<schedule_run> runs(const std::string& name) const {
        auto rows = jobs::database::open(home.state() / "restpoint.db");
        REQUIRE(rows);
        auto found = jobs::schedule_runs(**rows, name, 500);
        REQUIRE(found);
        std::ranges::reverse(*found);
        return std::move(*found);
    }
    [[nodiscard]] std::optional<wall_time> covered(const std::string& name) const {
        auto rows = jobs::database::open(home.state() / "restpoint.db");
        REQUIRE(rows);
        const auto found = jobs::recall(**rows, name);
        REQUIRE(found);
        return *found ? std::optional((*found)->covered) : std::nullopt;
    }
};

inline definition a_schedule(const char* name, const char* cron, const char* type = "full") {
    return make_definition({.name = name, .type = type, .cron = cron}).value();
}

inline definition a_check(const char* name, const char* cron) {
    return make_definition({.name = name, .action = "check", .cron = cron}).value();
}

/// One life of a restpoint that keeps these schedules.
class keeping {
  public:
    keeping(
        world& around, std::vector<definition> all, jobs::test::settings how = {},
        std::string stanza = "main")
        : around_(around), stanza_(std::move(stanza)), service(around.home, std::move(how)) {
        service.adopt();
        keeper.replace(std::move(all));
        tasks_.spawn("keeper", [this] { return keeper.run(); });
        settle();
    }
    keeping(const keeping&) = delete;
    keeping& operator=(const keeping&) = delete;
    ~keeping() {
        try {
            service.loop.finish("the keeper ends", end());
        } catch (const std::exception& e) {
            WARN(e.what());
        }
    }

    /// Until the keeper has looked at the clock so often that it has done what there is to do now.
    void settle() {
        const auto enough = around_.looks + 40;
        service.loop.until(
            "the keeper looks at the clock", [&] { return around_.looks >= enough; });
    }

    void set_clock(wall_time to) {
        around_.clock = to;
        settle();
    }

    /// The run of this due time, once it has a row.
    schedule_run run(const std::string& name, wall_time due) {
        std::optional<schedule_run> found;
        service.loop.until("a run of " + name + " at " + rfc3339(due), [&] {
            const auto all = around_.runs(name);
            const auto it = std::ranges::find(all, due, &schedule_run::due);
            found = it == all.end() ? std::nullopt : std::optional(*it);
            return found.has_value();
        });
        return *found;
    }

  private:
    boost::asio::awaitable<void> end() {
        tasks_.cancel(boost::asio::cancellation_type::terminal);
        co_await tasks_.join();
    }
    boost::asio::awaitable<role_answer> role() {
        ++around_.asked;
        co_return role_answer{around_.role, "PostgreSQL: password authentication failed"};
    }
    boost::asio::awaitable<claim_answer> claim(definition what, wall_time due) {
        around_.claimed.push_back(what.name + ' ' + rfc3339(due));
        around_.on_claim();
        if (around_.while_claiming) {
            const auto done = co_await around_.while_claiming();
            CHECK(done);
        }
        co_return around_.claim;
    }
    boost::asio::awaitable<result<std::optional<std::string>>> claimed() { co_return around_.seen; }
    keeper_options options() {
        keeper_options made;
        made.stanza = stanza_;
        made.longest_sleep = std::chrono::milliseconds{2};
        made.now = [this] {
            ++around_.looks;
            return around_.clock;
        };
        made.role = [this] { return role(); };
        made.claimed = [this](const definition&, wall_time) { return claimed(); };
        made.claim = [this](definition what, wall_time due) { return claim(std::move(what), due); };
        return made;
    }

    world& around_;
    std::string stanza_;

  public:
    jobs::test::life service;
    schedule::keeper keeper{service.loop.executor(), service.jobs, service.rows(), options()};

  private:
    task_group tasks_{service.loop.executor()};
};

} // namespace restpoint::schedule::test
