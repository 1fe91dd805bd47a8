#include "postgres/drive.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace restpoint;
using namespace restpoint::postgres;
using namespace std::chrono_literals;

namespace {

/// Does as it is told, but for what it is to fail with.
class told_server final : public control {
  public:
    result<> start(deadline_time /*deadline*/) override {
        heard.emplace_back("start");
        return start_fails ? result<>(*start_fails) : result<>();
    }
    result<> stop(stop_mode mode, deadline_time /*deadline*/) override {
        heard.emplace_back(mode == stop_mode::fast ? "fast" : "immediate");
        if (stop_failures.empty()) {
            return {};
        }
        const auto why = stop_failures.front();
        stop_failures.erase(stop_failures.begin());
        return why;
    }
    result<run_state> status() override { return run_state::unknown; }

    std::vector<std::string> heard = {};
    std::vector<failure> stop_failures = {};
    std::optional<failure> start_fails = {};
};

struct driven {
    told_server server = {};
    std::vector<std::string> said = {};
    drive_options how{
        .say_step = [this](auto step, auto) { said.emplace_back(step); },
        .warn = [this](const failure& why) { said.push_back(why.detail); }};

    result<drive_report> operator()(server_errand what, stop_mode mode = stop_mode::fast) {
        return drive(server, {what, mode}, how);
    }
};

const failure late{errc::timed_out, "still there: its archiver", ""};

} // namespace

TEST_CASE("an order is carried out step by step", "[postgres]") {
    driven start;
    driven stop;
    driven restart;

    CHECK(start(server_errand::start).value().state == run_state::running);
    CHECK(stop(server_errand::stop, stop_mode::immediate).value().state == run_state::stopped);
    const auto both = restart(server_errand::restart);

    CHECK(start.server.heard == std::vector<std::string>{"start"});
    CHECK(stop.server.heard == std::vector<std::string>{"immediate"});
    CHECK(restart.server.heard == std::vector<std::string>{"fast", "start"});
    CHECK(restart.said == std::vector<std::string>{"stop", "start"});
    REQUIRE(both.has_value());
    CHECK(both->stop_took.has_value());
    CHECK(both->start_took.has_value());
}

TEST_CASE("a stop that takes long is explained early and waited for", "[postgres]") {
    driven order;
    order.server.stop_failures = {late};

    REQUIRE(order(server_errand::stop).has_value());

    CHECK(order.server.heard == std::vector<std::string>{"fast", "fast"});
    CHECK(order.said == std::vector<std::string>{"stop", "still there: its archiver"});
}

TEST_CASE("a stop that does not end, or fails, starts nothing", "[postgres]") {
    driven hung;
    hung.server.stop_failures = {late, late};
    driven failed;
    failed.server.stop_failures = {failure{errc::io, "not ours", ""}};
    driven hurried;
    hurried.how.explain_after = hurried.how.stop_deadline;
    hurried.server.stop_failures = {late};

    CHECK(hung(server_errand::restart).error() == late);
    CHECK(failed(server_errand::restart).error().code == errc::io);
    CHECK(hurried(server_errand::stop).error() == late);

    CHECK(hung.server.heard.size() == 2);
    CHECK(failed.server.heard.size() == 1);
    CHECK(hurried.server.heard.size() == 1);
}

TEST_CASE("a start that fails says why", "[postgres]") {
    driven order;
    order.server.start_fails = failure{errc::unavailable, "no room", ""};

    CHECK(order(server_errand::start).error().detail == "no room");
}
