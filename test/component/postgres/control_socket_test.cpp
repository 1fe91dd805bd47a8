// Starting and stopping by those who listen on a socket: supervisord and the agent, acted here.
#include "answering_socket.hpp"
#include "control_fixture.hpp"
#include "postgres/agent_protocol.hpp"

#include <atomic>
#include <mutex>
#include <vector>

using namespace restpoint;
using namespace restpoint::postgres;
using namespace restpoint::postgres::test;
using namespace std::chrono_literals;

namespace {

std::string http(const std::string& what) {
    return "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<?xml version='1.0'?>\n"
           "<methodResponse>\n" +
           what + "</methodResponse>\n";
}
std::string value(const std::string& inside) {
    return http("<params>\n<param>\n<value>" + inside + "</value>\n</param>\n</params>\n");
}
std::string fault(int code, const std::string& text) {
    return http(
        "<fault>\n<value><struct>\n<member>\n<name>faultCode</name>\n<value><int>" +
        std::to_string(code) +
        "</int></value>\n</member>\n<member>\n<name>faultString</name>\n"
        "<value><string>" +
        text + "</string></value>\n</member>\n</struct></value>\n</fault>\n");
}
std::string info(const std::string& state) {
    return value(
        "<struct>\n<member>\n<name>statename</name>\n<value><string>" + state +
        "</string></value>\n</member>\n<member>\n<name>description</name>\n<value><string>Exited "
        "too quickly</string></value>\n</member>\n<member>\n<name>pid</name>\n<value><int>0</int>"
        "</value>\n</member>\n</struct>");
}

/// supervisord with one program, which is STOPPED at first.
class acted_supervisor {
  public:
    std::string operator()(const std::string& question) {
        const std::scoped_lock lock(mutex_);
        const auto begin = question.find("<methodName>") + 12;
        const auto verb = question.substr(begin, question.find("</methodName>") - begin);
        asked_.push_back(verb);
        if (question.find("<string>postgresql</string>") == std::string::npos) {
            return fault(10, "BAD_NAME");
        }
        if (verb == "supervisor.getProcessInfo") {
            const auto now = state_;
            state_ = after_.empty() ? state_ : after_.front();
            if (!after_.empty()) {
                after_.erase(after_.begin());
            }
            return info(now);
        }
        if (verb == "supervisor.startProcess") {
            return begin_state("STARTING", "STOPPED EXITED FATAL", 60);
        }
        if (verb == "supervisor.stopProcess") {
            return begin_state("STOPPING", "RUNNING STARTING BACKOFF", 70);
        }
        return value("<boolean>1</boolean>");
    }

    /// What becomes of it, one more with each look, once a call has been taken.
    void then(const std::vector<std::string>& states) {
        const std::scoped_lock lock(mutex_);
        next_ = states;
    }
    void is(const std::string& state) {
        const std::scoped_lock lock(mutex_);
        state_ = state;
    }
    std::vector<std::string> asked() {
        const std::scoped_lock lock(mutex_);
        return asked_;
    }

  private:
    std::string begin_state(const std::string& to, const std::string& from, int otherwise) {
        if (from.find(state_) == std::string::npos) {
            return fault(otherwise, "NO");
        }
        state_ = to;
        after_ = next_;
        return value("<boolean>1</boolean>");
    }

    std::mutex mutex_;
    std::string state_ = "STOPPED";
    std::vector<std::string> after_ = {};
    std::vector<std::string> next_ = {};
    std::vector<std::string> asked_ = {};
};

struct supervised {
    control_folder folder = {};
    acted_supervisor supervisor = {};
    answering_socket socket{
        folder.file("s"), "</methodCall>", [this](const auto& q) { return supervisor(q); }};

    [[nodiscard]] std::unique_ptr<control> control_of(const std::string& program) const {
        return make_control(
            {.form = control_form::supervisor, .socket = folder.file("s"), .program = program});
    }
};

} // namespace

TEST_CASE("supervisord starts what is stopped, and is believed", "[postgres][component]") {
    supervised world;
    world.supervisor.is(GENERATE("STOPPED", "EXITED", "FATAL"));
    world.supervisor.then({"STARTING", "RUNNING"});
    const auto control = world.control_of("postgresql");

    CHECK(control->status().value() == run_state::stopped);
    REQUIRE(control->start(patiently()).has_value());
    CHECK(control->status().value() == run_state::running);
    REQUIRE(control->start(patiently()).has_value());
}

TEST_CASE("a program that supervisord gives up is a failure", "[postgres][component]") {
    supervised world;
    world.supervisor.then({"BACKOFF", "STARTING", "FATAL"});

    const auto started = world.control_of("postgresql")->start(patiently());

    REQUIRE(started.has_error());
    CHECK(started.error().code == errc::unavailable);
    CHECK_THAT(started.error().detail, ContainsSubstring("FATAL (Exited too quickly)"));
    CHECK_THAT(started.error().hint, ContainsSubstring("supervisorctl tail"));
}

TEST_CASE("a stop by supervisord goes through it, an immediate one too", "[postgres][component]") {
    supervised world;
    world.supervisor.is("RUNNING");
    world.supervisor.then({"STOPPING", "STOPPED"});
    const auto control = world.control_of("postgresql");

    REQUIRE(control->stop(stop_mode::immediate, patiently()).has_value());

    const auto asked = world.supervisor.asked();
    REQUIRE(asked.size() >= 3);
    CHECK(asked[0] == "supervisor.stopProcess"); // before the signal, or it would be started again
    CHECK(asked[1] == "supervisor.signalProcess");
    CHECK(control->stop(stop_mode::fast, patiently()).has_value());
}

TEST_CASE("a stop that supervisord does not end in time says so", "[postgres][component]") {
    supervised world;
    world.supervisor.is("RUNNING");

    const auto stopped = world.control_of("postgresql")->stop(stop_mode::fast, within(50ms));

    REQUIRE(stopped.has_error());
    CHECK(stopped.error().code == errc::timed_out);
}

TEST_CASE("a start waits for the end of a stop under way", "[postgres][component]") {
    supervised world;
    world.supervisor.is("RUNNING");
    world.supervisor.then({"STOPPING", "STOPPING", "STOPPED"});
    const auto control = world.control_of("postgresql");
    CHECK(control->stop(stop_mode::fast, within(0ms)).has_error());

    world.supervisor.then({"RUNNING"});

    CHECK(control->start(patiently()).has_value());
}

TEST_CASE("a program that supervisord does not have is named", "[postgres][component]") {
    const supervised world;

    const auto status = world.control_of("db")->status();

    REQUIRE(status.has_error());
    CHECK(status.error().code == errc::not_found);
    CHECK_THAT(status.error().hint, ContainsSubstring("postgres.supervisor_program"));
}

TEST_CASE("a socket with nobody behind it is told apart from none", "[postgres][component]") {
    const control_folder folder;
    const auto form = GENERATE(control_form::supervisor, control_form::agent);
    const auto status = [&](const std::string& socket) {
        return make_control({.form = form, .socket = socket})->status();
    };

    CHECK(status(folder.file("s")).error().code == errc::not_found);
    CHECK(status("").error().code == errc::invalid);
    CHECK(status(std::string(108, 'x')).error().code == errc::invalid);
    {
        const answering_socket gone(folder.file("s"), "\n", [](const auto&) { return ""; });
    }
    CHECK(status(folder.file("s")).error().code == errc::unavailable);
}

TEST_CASE("who answers something else is not obeyed", "[postgres][component]") {
    const control_folder folder;
    const answering_socket odd(folder.file("s"), "\n", [](const auto&) { return "hello\n"; });
    const auto form = GENERATE(control_form::supervisor, control_form::agent);

    const auto status = make_control({.form = form, .socket = folder.file("s")})->status();

    REQUIRE(status.has_error());
    CHECK(status.error().code == errc::invalid);
}

TEST_CASE("an agent is asked until what was ordered is so", "[postgres][component]") {
    const control_folder folder;
    std::atomic<int> looks = 0;
    std::vector<agent_question> orders;
    const answering_socket agent(folder.file("s"), "\n", [&](const std::string& line) {
        const auto question = parse_agent_question(line).value();
        if (question.verb != agent_verb::status) {
            orders.push_back(question);
            looks = 0;
        }
        const bool stops = orders.back().verb == agent_verb::stop;
        const auto middle = stops ? run_state::running : run_state::starting;
        const auto last = stops ? run_state::stopped : run_state::running;
        return to_line(agent_answer{.state = ++looks < 3 ? middle : last, .pid = 7});
    });
    const auto control = make_control({.form = control_form::agent, .socket = folder.file("s")});

    REQUIRE(control->hold("job-7").has_value());
    REQUIRE(control->stop(stop_mode::immediate, patiently()).has_value());
    CHECK(control->status().value() == run_state::stopped);
    REQUIRE(control->start(patiently()).has_value());
    REQUIRE(control->release("job-7").has_value());
    REQUIRE(control->start(patiently()).has_value());

    REQUIRE(orders.size() == 5);
    CHECK(orders[0].verb == agent_verb::hold);
    CHECK(orders[0].holder == "job-7");
    CHECK(orders[1].mode == stop_mode::immediate);
    CHECK(orders[2].holder == "job-7"); // who holds it may start it
    CHECK(orders[4].holder.empty());
}

TEST_CASE("what an agent refuses, and what it cannot end, is handed on", "[postgres][component]") {
    const control_folder folder;
    std::atomic<bool> refuses = true;
    const answering_socket agent(folder.file("s"), "\n", [&](const std::string&) {
        return refuses ? to_line(failure{errc::conflict, "held by 'job-7'", ""})
                       : to_line(agent_answer{
                             .state = run_state::running, .titles = {"postgres: archiver"}});
    });
    const auto control = make_control({.form = control_form::agent, .socket = folder.file("s")});

    const auto refused = control->start(patiently());
    const auto held = control->hold("job-8");
    refuses = false;
    const auto hung = control->stop(stop_mode::fast, within(50ms));

    REQUIRE(refused.has_error());
    CHECK(refused.error().code == errc::conflict);
    CHECK(held.has_error());
    REQUIRE(hung.has_error());
    CHECK(hung.error().code == errc::timed_out);
    CHECK_THAT(hung.error().detail, ContainsSubstring("its archiver"));
}
