// The agent over a server that is a script: what it forwards, obeys, refuses and survives.
#include "control_fixture.hpp"
#include "postgres/agent.hpp"
#include "process/process_list.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <functional>
#include <optional>

using namespace restpoint;
using namespace restpoint::postgres;
using namespace restpoint::postgres::test;
using namespace std::chrono_literals;

namespace {

bool eventually(const std::function<bool()>& is_so) {
    const auto deadline = patiently();
    while (!is_so()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        constexpr timespec moment{0, 2'000'000};
        ::nanosleep(&moment, nullptr);
    }
    return true;
}

/// What a server does that matters here, written down in `got`.
std::string server_script(const control_folder& folder) {
    const auto data = folder.data().native();
    return "cd " + data + "; echo start >>../got\n" +
           "on() { echo $1 >>../got; rm -f postmaster.pid; exit $2; }\n"
           "trap 'on smart 0' TERM; trap 'on fast 0' INT; trap 'on immediate 0' QUIT\n"
           "trap 'echo reload >>../got' HUP\n"
           "printf '%s\\n%s\\n1\\n5432\\n/run\\n\\n\\nready\\n' $$ " +
           data + " >postmaster.pid.new; mv postmaster.pid.new postmaster.pid\n" +
           "while :; do sleep 0.02; done\n";
}

class world {
  public:
    world() { folder.program("postgres", server_script(folder)); }
    world(const world&) = delete;
    world& operator=(const world&) = delete;
    ~world() {
        end(SIGKILL);
        eventually([&] {
            const auto left = process::holders_of(folder.file("run/s.lock"));
            for (const auto& process : left) {
                ::kill(process.pid, SIGKILL);
            }
            return left.empty();
        });
    }

    /// run_agent() in a fork, with its words in the file `said`.
    void start(int term = SIGTERM) {
        agent_ = ::fork();
        REQUIRE(agent_ >= 0);
        if (agent_ == 0) {
            const int said =
                ::open(folder.file("said").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
            ::dup2(said, STDOUT_FILENO); // of ours it would keep the test's reader waiting
            ::dup2(said, STDERR_FILENO);
            agent_options how{folder.file("run/s"), {folder.file("bin/postgres")}, term};
            ::_exit(run_agent(how));
        }
    }
    void start_running() {
        start();
        REQUIRE(eventually([&] { return state() == run_state::running; }));
    }
    void send(int signal) const { REQUIRE(::kill(agent_, signal) == 0); }
    /// Its exit code; negative: the signal that ended it.
    int wait() {
        int status = 0;
        while (::waitpid(agent_, &status, 0) < 0 && errno == EINTR) {
        }
        agent_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    int end(int signal) {
        if (agent_ <= 0) {
            return 0;
        }
        ::kill(agent_, signal);
        return wait();
    }

    [[nodiscard]] std::unique_ptr<control> control_of() const {
        return make_control({.form = control_form::agent, .socket = folder.file("run/s")});
    }
    [[nodiscard]] run_state state() const {
        const auto now = control_of()->status();
        return now ? *now : run_state::unknown;
    }
    [[nodiscard]] std::string got() const { return folder.read("got"); }
    [[nodiscard]] bool says(const std::string& text) const {
        return eventually([&] { return folder.read("said").find(text) != std::string::npos; });
    }
    [[nodiscard]] pid_t server() const { return std::stoi(folder.read("data/postmaster.pid")); }

    control_folder folder = {};

  private:
    pid_t agent_ = -1;
};

} // namespace

TEST_CASE("an agent forwards the signals of PostgreSQL and ends with it", "[postgres][component]") {
    world world;
    const auto [signal, meaning] = GENERATE(
        std::pair(SIGTERM, "smart"), std::pair(SIGINT, "fast"), std::pair(SIGQUIT, "immediate"));
    world.start_running();

    world.send(SIGHUP);
    REQUIRE(eventually([&] { return world.got() == "start\nreload\n"; }));
    world.send(signal);

    CHECK(world.wait() == 0);
    CHECK(world.got() == std::string("start\nreload\n") + meaning + "\n");
    CHECK_FALSE(std::filesystem::exists(world.folder.file("run/s")));
}

TEST_CASE("a TERM can mean a fast shutdown", "[postgres][component]") {
    world world;
    world.start(SIGINT);
    REQUIRE(eventually([&] { return world.state() == run_state::running; }));

    CHECK(world.end(SIGTERM) == 0);
    CHECK(world.got() == "start\nfast\n");
}

TEST_CASE("an agent ends with its server's exit code", "[postgres][component]") {
    world world;
    SECTION("its own") {
        world.folder.program("postgres", "exit 7");
        world.start();
        CHECK(world.wait() == 7);
    }
    SECTION("a signal's") {
        world.start_running();
        REQUIRE(::kill(world.server(), SIGKILL) == 0);
        CHECK(world.wait() == 137);
    }
    SECTION("a command's that is not there") {
        std::filesystem::remove(world.folder.file("bin/postgres"));
        world.start();
        CHECK(world.wait() == 127);
        CHECK(world.says("No such file"));
    }
}

TEST_CASE("an agent stops and starts its server as it is told", "[postgres][component]") {
    world world;
    world.start_running();
    const auto control = world.control_of();

    REQUIRE(control->stop(stop_mode::fast, patiently()).has_value());
    CHECK(world.state() == run_state::stopped);
    REQUIRE(control->stop(stop_mode::fast, patiently()).has_value());
    REQUIRE(control->start(patiently()).has_value());
    REQUIRE(control->start(patiently()).has_value());
    CHECK(world.state() == run_state::running);
    REQUIRE(control->stop(stop_mode::immediate, patiently()).has_value());

    CHECK(world.got() == "start\nfast\nstart\nimmediate\n");
    CHECK(world.end(SIGTERM) == 0);
}

TEST_CASE("a server that is held is started by nobody else", "[postgres][component]") {
    world world;
    world.start_running();
    const auto holder = world.control_of();
    const auto other = world.control_of();

    CHECK(holder->holder().value().empty());
    REQUIRE(holder->hold("job-7").has_value());
    REQUIRE(holder->hold("job-7").has_value());
    CHECK(holder->holder().value() == "job-7");
    const auto taken = other->hold("job-8");
    REQUIRE(holder->stop(stop_mode::fast, patiently()).has_value());
    const auto refused = other->start(patiently());
    const auto released = other->release("job-8");
    REQUIRE(holder->start(patiently()).has_value());
    REQUIRE(holder->release("job-7").has_value());
    REQUIRE(holder->release("job-7").has_value());

    for (const auto& failed : {taken, refused, released}) {
        REQUIRE(failed.has_error());
        CHECK(failed.error().code == errc::conflict);
        CHECK_THAT(failed.error().detail, ContainsSubstring("'job-7'"));
        CHECK_THAT(failed.error().hint, ContainsSubstring(world.folder.file("run/s.hold")));
    }
    CHECK(world.state() == run_state::running);
}

TEST_CASE("a hold outlives a killed agent and its server does not", "[postgres][component]") {
    world world;
    world.start_running();
    REQUIRE(world.control_of()->hold("job-7").has_value());

    CHECK(world.end(SIGKILL) == -SIGKILL);
    REQUIRE(eventually([&] { return world.got() == "start\nfast\n"; }));
    world.start();
    REQUIRE(world.says("held by 'job-7'"));
    REQUIRE(eventually([&] { return world.state() == run_state::stopped; }));
    const auto refused = world.control_of()->start(patiently());
    const auto holder = world.control_of();
    REQUIRE(holder->hold("job-7").has_value()); // as who goes on after a kill does
    REQUIRE(holder->start(patiently()).has_value());

    REQUIRE(refused.has_error());
    CHECK(refused.error().code == errc::conflict);
    CHECK(world.got() == "start\nfast\nstart\n");
}

TEST_CASE("a hold that cannot be read holds all the same", "[postgres][component]") {
    world world;
    std::filesystem::create_directory(world.folder.file("run"));
    REQUIRE(::chmod(world.folder.file("run").c_str(), 0700) == 0);
    world.folder.write("run/s.hold", GENERATE("", "a name / that is none\n"));
    world.start();
    REQUIRE(eventually([&] { return world.state() == run_state::stopped; }));

    CHECK(world.control_of()->start(patiently()).has_error());
    CHECK(world.control_of()->release("job-7").has_error());
    std::filesystem::remove(world.folder.file("run/s.hold"));
    CHECK(world.control_of()->start(patiently()).has_value());
}

TEST_CASE(
    "a server that dies while it is held stays dead, its agent lives", "[postgres][component]") {
    world world;
    world.start_running();
    const auto holder = world.control_of();
    REQUIRE(holder->hold("job-7").has_value());

    REQUIRE(::kill(world.server(), SIGKILL) == 0);

    REQUIRE(eventually([&] { return world.state() == run_state::stopped; }));
    CHECK(world.says("was ended by signal 9"));
    CHECK(world.got() == "start\n");
    CHECK(holder->start(patiently()).has_value());
    CHECK(world.state() == run_state::running);
}

TEST_CASE(
    "what a killed server leaves is ended before the next one starts", "[postgres][component]") {
    world world;
    // A backend: of the same name, and with no parent after the kill.
    world.folder.program(
        "postgres", "if [ \"$1\" = backend ]; then echo $$ >" + world.folder.file("backend") +
                        "; trap 'echo quit >>" + world.folder.file("got") +
                        "; exit' QUIT; while :; do sleep 0.02; done; fi\nenv --default-signal=QUIT "
                        "\"$0\" backend & until [ -s " +
                        world.folder.file("backend") + " ]; do sleep 0.01; done\n" +
                        server_script(world.folder));
    world.start_running();
    const auto holder = world.control_of();
    REQUIRE(holder->hold("job-7").has_value());

    REQUIRE(::kill(world.server(), SIGKILL) == 0);

    REQUIRE(eventually([&] { return world.state() == run_state::stopped; }));
    CHECK(world.got() == "start\nquit\n");
}

TEST_CASE("an agent waits until an earlier one's server has ended", "[postgres][component]") {
    world world;
    // It ends when it may, not when it must.
    world.folder.program(
        "postgres", "cd " + world.folder.data().native() + "; echo start >>../got\n" +
                        "trap 'until [ -e ../go ]; do sleep 0.01; done; exit' INT\n"
                        "printf '%s\\n%s\\n1\\n5432\\n/run\\n\\n\\nready\\n' $$ . >postmaster.pid\n"
                        "while :; do sleep 0.02; done\n");
    world.start_running();
    world.end(SIGKILL);

    world.start();
    REQUIRE(world.says("waiting until the server of an earlier agent has ended"));
    CHECK(world.got() == "start\n");
    SECTION("and starts its own then") {
        world.folder.write("go", "");
        CHECK(eventually([&] { return world.got() == "start\nstart\n"; }));
    }
    SECTION("unless it is told to end") {
        CHECK(world.end(SIGTERM) == 70);
        world.folder.write("go", "");
    }
}

TEST_CASE("a socket that others could reach is refused", "[postgres][component]") {
    world world;
    std::filesystem::create_directory(world.folder.file("run"));
    REQUIRE(::chmod(world.folder.file("run").c_str(), 0755) == 0);

    world.start();

    CHECK(world.wait() == 70);
    CHECK(world.says("is not ours alone"));
    CHECK(world.got().empty());
}

TEST_CASE("an agent takes no nonsense, and goes on", "[postgres][component]") {
    world world;
    world.start_running();

    const auto odd =
        make_control({.form = control_form::supervisor, .socket = world.folder.file("run/s")})
            ->status(); // speaks HTTP

    REQUIRE(odd.has_error());
    CHECK(world.state() == run_state::running);
    struct stat about{};
    REQUIRE(::stat(world.folder.file("run").c_str(), &about) == 0);
    CHECK((about.st_mode & 0777U) == 0700);
}
