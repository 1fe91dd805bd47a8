// Work of restpoint's own: taken up again until it is neither half done nor half undone.
#include "service_fixture.hpp"

using namespace restpoint;
using namespace restpoint::jobs;
using namespace restpoint::jobs::test;

namespace {

/// Work whose child is a script of the shell. It is open from its first start until `done` is there.
settings with_script(const machine& home, const std::string& script) {
    const auto folder = home.home();
    settings how;
    how.own.environment = {"PATH=/usr/bin:/bin"};
    how.own.argv = [folder, script](const job& what) -> result<std::vector<std::string>> {
        const std::string cancelled = what.cancel_requested ? "yes" : "no";
        return std::vector<std::string>{
            "/bin/sh", "-c", "cd \"$0\"; echo run >> runs; " + script, folder, cancelled};
    };
    how.own.is_open = [folder](const job&) {
        return std::filesystem::exists(folder / "runs") &&
               !std::filesystem::exists(folder / "done");
    };
    how.own.is_settled = [folder](const job&) { return std::filesystem::exists(folder / "done"); };
    how.own.last_words_of = [folder](const job&) {
        own_work::last_words said;
        said.report = content_of(folder / "report");
        if (std::filesystem::exists(folder / "error")) {
            said.error = backrest::command_error{.name = "rolled_back", .message = "went back"};
        }
        return said;
    };
    return how;
}

job_spec a_restore() {
    auto what = a(job_kind::restore);
    what.order = R"({"plan": 1})";
    return what;
}

} // namespace

TEST_CASE("work of our own tells what it did", "[component][jobs]") {
    const machine home;
    life now(home, with_script(home, R"(echo '{"set": "A"}' > report; touch done)"));

    const auto ended = now.ended(now.submit(a_restore()).id);

    CHECK(ended.state == job_state::succeeded);
    CHECK(ended.spec.order == R"({"plan": 1})");
    CHECK(ended.report == "{\"set\": \"A\"}\n");
}

TEST_CASE("work that is killed in the middle is taken up again", "[component][jobs]") {
    const machine home;
    life now(
        home, with_script(home, "[ $(wc -l < runs) = 3 ] && touch done && exit 0; kill -9 $$"));

    const auto ended = now.ended(now.submit(a_restore()).id);

    CHECK(ended.state == job_state::succeeded);
    CHECK(lines_of(home.home() / "runs").size() == 3);
}

TEST_CASE(
    "work that is done, but whose child was killed before it told, is asked", "[component][jobs]") {
    const machine home;
    life now(home, with_script(home, "[ -e done ] && exit 0; touch done; kill -9 $$"));

    const auto ended = now.ended(now.submit(a_restore()).id);

    CHECK(ended.state == job_state::succeeded);
    CHECK(lines_of(home.home() / "runs").size() == 2);
}

TEST_CASE("work that went back has failed for the reason it gives", "[component][jobs]") {
    const machine home;
    life now(home, with_script(home, "touch done error; exit 11"));

    const auto ended = now.ended(now.submit(a_restore()).id);

    CHECK(ended.state == job_state::failed);
    REQUIRE(ended.error);
    CHECK(ended.error->name == "rolled_back");
}

TEST_CASE("cancelled work is told so, and goes back by itself", "[component][jobs]") {
    const machine home;
    life now(
        home, with_script(
                  home, "[ $1 = yes ] && touch done && exit 63; "
                        "echo '2026-01-01 00:00:00.000 RST   INFO: step wait: for ever'; "
                        "while :; do sleep 1; done"));
    const auto taken = now.submit(a_restore());
    now.loop.until("its step is seen", [&] {
        const auto running = now.find_running(taken.id);
        return running && running->progress.phase == "wait";
    });

    REQUIRE(now.cancel(taken.id));
    const auto ended = now.ended(taken.id);

    CHECK(ended.state == job_state::cancelled);
    CHECK(lines_of(home.home() / "runs").size() == 2);
}

TEST_CASE("the next restpoint takes up what was open when this one stopped", "[component][jobs]") {
    const machine home;
    const std::string script = "[ $(wc -l < runs) = 2 ] && touch done && exit 0; "
                               "echo begun >&2; while :; do sleep 1; done";
    const auto id = [&] {
        life first(home, with_script(home, script));
        const auto taken = first.submit(a_restore());
        first.loop.until("it runs", [&] { return !home.log(taken.id).empty(); });
        first.shut_down(on_stop::stop, std::chrono::milliseconds{500});
        return taken.id;
    }();
    REQUIRE(home.row(id)->state == job_state::running);

    life second(home, with_script(home, script));
    second.adopt();

    CHECK(second.ended(id).state == job_state::succeeded);
}

TEST_CASE("nobody to do work of our own is said in its job", "[component][jobs]") {
    const machine home;
    life now(home);

    const auto ended = now.ended(now.submit(a_restore()).id);

    CHECK(ended.state == job_state::failed);
    REQUIRE(ended.error);
    CHECK_THAT(ended.error->message, ContainsSubstring("restore"));
}
