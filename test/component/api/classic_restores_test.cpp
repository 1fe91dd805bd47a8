// The classic pages that restore. None runs here: there is no server, and the child cannot begin.
#include "restore/order.hpp"
#include "restore_world.hpp"

using namespace restpoint;
using namespace restpoint::test;
namespace json = boost::json;

namespace {

const std::string page = "/pgBackRest/restore/";

/// With room beside, and PostgreSQL stopped: on timeline 1, as its files have it.
class stopped_server {
  public:
    stopped_server() {
        at.around().stopped->timeline = 1;
        at.around().room = restore::disk_room{100'000'000'000, 1};
        at.service().pretend(at.around());
        state(postgres::server_state::stopped);
    }
    void state(postgres::server_state now) {
        postgres::server_status status;
        status.state = now;
        at.service().pretend(status);
    }
    [[nodiscard]] web_answer get(const std::string& what, const std::string& headers = "") {
        return ask(at.service().port(), "GET", page + what, headers);
    }
    [[nodiscard]] web_answer post(const std::string& what) {
        return ask(at.service().port(), "POST", page + what);
    }
    [[nodiscard]] restore::order order_of(const web_answer& answer) {
        return at.service().order_of(std::stoll(answer.headers.at("restpoint-job")));
    }

    planning at;
};

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != text.npos;
}

} // namespace

TEST_CASE(
    "a stopped server is restored to the end of its WAL, and stays stopped", "[component][api]") {
    stopped_server world;
    for (const auto* const what : {"delta?wait=true", "time/latest?wait=true"}) {
        INFO(what);
        const auto answer = world.get(what);
        REQUIRE(answer.headers.contains("restpoint-job"));
        const auto order = world.order_of(answer);
        CHECK(order.to.kind == restore::target_kind::latest);
        CHECK(order.timeline == 1);
        CHECK(order.how == restore::way::beside);
        CHECK_FALSE(order.start);
    }
    CHECK(world.order_of(world.get("delta?start=true&wait=true")).start);
}

TEST_CASE(
    "nothing is restored over a server that runs, unless a POST says to stop it",
    "[component][api]") {
    stopped_server world;
    world.state(postgres::server_state::running);
    for (const auto* const what : {"delta", "time/latest", "delta?stop=true"}) {
        INFO(what);
        const auto answer = world.get(what);
        CHECK(answer.status == 409);
        CHECK(holds(answer.body, "Postgres is still running"));
    }
    CHECK(world.post("delta").status == 409);
    CHECK(world.at.service().job_count() == 0);

    CHECK(world.post("delta?stop=true&wait=true").headers.contains("restpoint-job"));

    world.state(postgres::server_state::unreachable);
    CHECK(world.get("delta").status == 503);
}

TEST_CASE("a time that cannot be meant or reached is refused on the page", "[component][api]") {
    stopped_server world;
    CHECK(world.get("time").status == 400);
    CHECK(world.get("time?target=yesterday").status == 400);
    CHECK(world.get("time?target=2026-11-22T08:30:00").status == 400);
    CHECK(world.get("delta?stop=perhaps").status == 400);
    CHECK(world.get("delta?start=perhaps").status == 400);
    const auto early = world.get("time?target=2001-01-01T00:00:00Z");
    CHECK(early.status == 422);
    CHECK(holds(early.body, "before the end of the first backup"));
    CHECK(world.at.service().job_count() == 0);
}

TEST_CASE("the head of a restore starts nothing", "[component][api]") {
    stopped_server world;
    CHECK(ask(world.at.service().port(), "HEAD", page + "delta").status == 200);
    CHECK(world.at.service().job_count() == 0);
}

TEST_CASE("the button of a restore means what was asked for", "[component][api]") {
    stopped_server world;
    const std::string browser = "User-Agent: Mozilla/5.0\r\nAccept: text/html\r\n";
    const auto answer = world.get("delta?start=true", browser);
    CHECK(answer.status == 403);
    CHECK(holds(answer.body, "action=\"/pgBackRest/restore/delta?start=true\""));
    CHECK(world.at.service().job_count() == 0);
}

TEST_CASE("single databases are restored only by the button of their page", "[component][api]") {
    stopped_server world;
    CHECK(world.get("db").status == 400);
    CHECK(world.get("db?name=").status == 400);
    CHECK(world.get("db?name=shop&stop=perhaps").status == 400);
    const auto shown = world.get("db?name=shop&wait=true");
    CHECK(shown.status == 403);
    CHECK(holds(shown.body, "empties every other database"));
    CHECK(holds(shown.body, "--db-include=shop"));
    CHECK(world.post("db?name=shop").status == 403);
    CHECK(world.get("db?name=shop", "Accept: application/json\r\n").status == 403);
    CHECK(world.at.service().job_count() == 0);

    const std::string mark = "name=\"token\" value=\"";
    const auto begin = shown.body.find(mark) + mark.size();
    const auto token = shown.body.substr(begin, shown.body.find('"', begin) - begin);
    const auto address = page + "db?name=shop&wait=true";
    const auto done = ask(world.at.service().port(), "POST", address, "", "token=" + token);
    REQUIRE(done.headers.contains("restpoint-job"));
    const auto order = world.order_of(done);
    CHECK(order.databases == std::vector<std::string>{"shop"});
    CHECK(order.to.kind == restore::target_kind::immediate);
    // A token is good once.
    CHECK(ask(world.at.service().port(), "POST", address, "", "token=" + token).status == 403);
}
