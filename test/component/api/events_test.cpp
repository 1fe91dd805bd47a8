// GET /api/v1/jobs/{id}/events
#include "running_service.hpp"
#include "support/catch.hpp"
#include "web_client.hpp"

#include <boost/json/parse.hpp>

namespace json = boost::json;
using namespace restpoint;
using namespace restpoint::test;

namespace {

const std::string backups = "/api/v1/stanzas/main/backups";

/// What a client of the standard makes of the bytes: events it would dispatch, the last id.
struct seen_events {
    std::vector<std::pair<std::string, std::string>> events = {}; ///< name, data
    std::string last_id = {};
    std::string lines = {}; ///< of the log events
    std::size_t comments = 0;
};

void take_event(std::string_view block, seen_events& into) {
    std::string name;
    std::string data;
    while (!block.empty()) {
        const auto line = block.substr(0, block.find('\n'));
        block.remove_prefix(std::min(line.size() + 1, block.size()));
        const auto colon = line.find(':');
        REQUIRE(colon != line.npos);
        const auto field = line.substr(0, colon);
        const auto value = line.substr(std::min(colon + 2, line.size()));
        if (field == "event") {
            name = value;
        } else if (field == "data") {
            data = value;
        } else if (field == "id") {
            into.last_id = value;
        } else if (field.empty()) {
            ++into.comments;
        } else {
            REQUIRE(field == "retry");
        }
    }
    if (data.empty()) {
        return;
    }
    if (name == "log") {
        const auto line = json::parse(data).as_object();
        into.lines += std::string(line.at("line").as_string()) + "\n";
        REQUIRE(std::to_string(line.at("offset").as_int64()) == into.last_id);
    }
    into.events.emplace_back(name, data);
}

/// Whole events only: what was cut off is not seen, as the standard says.
seen_events seen(std::string_view body) {
    seen_events found;
    for (auto end = body.find("\n\n"); end != body.npos; end = body.find("\n\n")) {
        take_event(body.substr(0, end + 1), found);
        body.remove_prefix(end + 2);
    }
    return found;
}

std::string start(const running_service& service, std::string_view body = R"({"type":"full"})") {
    const auto accepted = ask(service.port(), "POST", backups, "", body);
    REQUIRE(accepted.status == 202);
    return accepted.headers.at("location");
}

void wait_for_end(const running_service& service, const std::string& path) {
    ask(service.port(), "GET", "/pgBackRest/jobs/" + path.substr(path.rfind('/') + 1));
}

std::string code_of(const web_answer& answer) {
    return std::string(json::parse(answer.body).as_object().at("code").as_string());
}

} // namespace

TEST_CASE("the events of a running job are its log, and its state at the end", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=wait-for-file"});
    const auto path = start(service);
    web_client follower(service.port(), "GET", path + "/events");
    const auto growing = follower.until("check archive for prior segment");
    CHECK(growing.status == 200);
    CHECK(growing.headers.at("content-type") == "text/event-stream");
    CHECK(growing.headers.at("restpoint-job") == "1");
    CHECK(growing.headers.at("x-accel-buffering") == "no");
    CHECK(growing.headers.at("cache-control") == "no-store");
    CHECK(growing.body.starts_with("retry: 2000\n\n"));
    follower.until("event: progress\n");
    CHECK_FALSE(follower.so_far().complete);

    service.open_gate();
    const auto whole = follower.whole();
    const auto found = seen(whole.body);
    CHECK(whole.complete);
    CHECK(found.lines == ask(service.port(), "GET", path + "/log").body);
    REQUIRE(found.events.back().first == "state");
    const auto state = json::parse(found.events.back().second).as_object();
    CHECK(state.at("state") == "succeeded");
    CHECK(state.at("id") == "1");
    for (const auto& [name, data] : found.events) {
        if (name == "progress") {
            CHECK(json::parse(data).as_object().contains("percent"));
        }
    }
}

TEST_CASE("who comes when the job has ended gets all of it at once", "[component][api]") {
    running_service service;
    const auto path = start(service);
    wait_for_end(service, path);
    const auto log = ask(service.port(), "GET", path + "/log").body;

    const auto found = seen(ask(service.port(), "GET", path + "/events").body);
    CHECK(found.lines == log);
    CHECK(found.last_id == std::to_string(log.size()));
    CHECK(found.events.back().first == "state");

    const auto resumed = seen(
        ask(service.port(), "GET", path + "/events", "Last-Event-ID: " + found.last_id + "\r\n")
            .body);
    CHECK(resumed.events.size() == 1);
    CHECK(resumed.events.back().first == "state");
}

TEST_CASE(
    "a follower that is cut off again and again misses and repeats nothing", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=slow", "FAKE_LINES=300", "FAKE_INTERVAL_MS=1"});
    const auto path = start(service);
    std::string lines;
    std::string last_id;
    bool over = false;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes{2};
    for (std::size_t cuts = 0; !over; ++cuts) {
        REQUIRE(std::chrono::steady_clock::now() < deadline);
        const auto header = last_id.empty() ? "" : "Last-Event-ID: " + last_id + "\r\n";
        web_client follower(service.port(), "GET", path + "/events", header);
        const auto part = follower.until("\n\nevent: ");
        follower.reset();
        REQUIRE(part.status == 200);
        const auto found = seen(part.body.substr(0, 40 + 37 * (cuts % 50)));
        lines += found.lines;
        last_id = found.last_id.empty() ? last_id : found.last_id;
        over = !found.events.empty() && found.events.back().first == "state";
    }

    CHECK(lines == ask(service.port(), "GET", path + "/log").body);
}

TEST_CASE("a level leaves lines out, and resuming goes on behind them", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=slow", "FAKE_LINES=1000", "FAKE_INTERVAL_MS=0"});
    const auto path = start(service);
    wait_for_end(service, path);

    const auto events = ask(service.port(), "GET", path + "/events?level=info");
    const auto found = seen(events.body);
    CHECK(found.lines == ask(service.port(), "GET", path + "/log?level=info").body);
    // Ids come alone over the thousand lines between.
    const auto alone = events.body.find("\n\nid: ");
    REQUIRE(alone != events.body.npos);
    const auto id_end = events.body.find('\n', alone + 6);
    const auto id = events.body.substr(alone + 6, id_end - alone - 6);
    const auto rest =
        ask(service.port(), "GET", path + "/events?level=info", "Last-Event-ID: " + id + "\r\n");
    CHECK(rest.status == 200);
    CHECK(seen(rest.body).lines == seen(events.body.substr(id_end + 2)).lines);
    CHECK_FALSE(seen(rest.body).lines.empty());
}

TEST_CASE("ids that no event had are refused", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=long", "FAKE_BYTES=100"});
    const auto path = start(service);
    wait_for_end(service, path);
    const auto log = ask(service.port(), "GET", path + "/log").body;
    const auto size = log.size();
    const auto second_line = log.find('\n') + 1;

    for (const auto& id :
         {std::string("x"), std::string("-1"), std::string("1"), std::string("0x10"),
          std::to_string(second_line - 1), std::to_string(second_line + 1),
          std::to_string(size - 1), std::to_string(size + 1),
          std::string("99999999999999999999999")}) {
        const auto answer =
            ask(service.port(), "GET", path + "/events", "Last-Event-ID: " + id + "\r\n");
        CAPTURE(id, answer.body);
        CHECK(answer.status == 400);
        CHECK(code_of(answer) == "invalid");
    }
    for (const auto& id :
         {std::string(), std::string("0"), std::to_string(second_line), std::to_string(size)}) {
        CAPTURE(id);
        const auto answer =
            ask(service.port(), "GET", path + "/events", "Last-Event-ID: " + id + "\r\n");
        CHECK(answer.status == 200);
        CHECK(seen(answer.body).events.back().first == "state");
    }
    CHECK(ask(service.port(), "GET", path + "/events?level=loud").status == 400);
    // It is a header, as EventSource sends it, and nothing else.
    CHECK(ask(service.port(), "GET", path + "/events?last_event_id=3").status == 400);
}

TEST_CASE("a line longer than what is rendered at a time is one event", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=long"});
    const auto path = start(service);
    wait_for_end(service, path);

    const auto found = seen(ask(service.port(), "GET", path + "/events").body);

    CHECK(found.lines == ask(service.port(), "GET", path + "/log").body);
}

TEST_CASE("bytes that are no text come as the sign for that", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=html"});
    const auto path = start(service);
    wait_for_end(service, path);

    const auto events = ask(service.port(), "GET", path + "/events");

    CHECK(events.body.find('\r') == events.body.npos);
    CHECK_THAT(seen(events.body).lines, ContainsSubstring("\xEF\xBF\xBD"));
}

TEST_CASE("the events of a job that waits begin with its log", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=wait-for-file"});
    start(service);
    const auto queued = start(service, R"({"type":"incr","queue":true})");
    web_client follower(service.port(), "GET", queued + "/events");
    follower.until("retry");

    service.open_gate();
    const auto whole = follower.whole();
    CHECK(seen(whole.body).lines == ask(service.port(), "GET", queued + "/log").body);
    CHECK(seen(whole.body).events.back().first == "state");
}

TEST_CASE("a job that is cancelled before its turn has a state and no log", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=wait-for-file"});
    start(service);
    const auto queued = start(service, R"({"type":"incr","queue":true})");
    web_client follower(service.port(), "GET", queued + "/events");
    follower.until("retry");
    ask(service.port(), "POST", queued + "/cancel");

    for (const auto& body :
         {follower.whole().body, ask(service.port(), "GET", queued + "/events").body}) {
        const auto found = seen(body);
        REQUIRE(found.events.size() == 1);
        CHECK(found.events.front().first == "state");
        CHECK_THAT(found.events.front().second, ContainsSubstring(R"("state":"cancelled")"));
    }
    CHECK(ask(service.port(), "GET", queued + "/events", "Last-Event-ID: 5\r\n").status == 400);
}

TEST_CASE("silence is broken by comments", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=wait-for-file"}, std::chrono::milliseconds{50});
    const auto path = start(service);
    web_client follower(service.port(), "GET", path + "/events");

    follower.until(":\n\n:\n\n");

    service.open_gate();
    const auto found = seen(follower.whole().body);
    CHECK(found.comments >= 2);
    CHECK(found.lines == ask(service.port(), "GET", path + "/log").body);
}

TEST_CASE("followers beyond what is bearable are told to come back", "[component][api]") {
    // One reads the log for its progress, one is the first follower.
    running_service service({"FAKE_PGBACKREST_MODE=wait-for-file"}, std::chrono::minutes{1}, 2);
    const auto path = start(service);
    web_client first(service.port(), "GET", path + "/events");
    first.until("check archive for prior segment");

    const auto refused = ask(service.port(), "GET", path + "/events");

    CHECK(refused.status == 503);
    CHECK(code_of(refused) == "unavailable");
    CHECK(refused.headers.contains("retry-after"));
    service.open_gate();
}

TEST_CASE("events that are not there are not found, or gone", "[component][api]") {
    running_service service;
    const auto path = start(service);
    wait_for_end(service, path);
    CHECK(ask(service.port(), "GET", "/api/v1/jobs/2/events").status == 404);
    CHECK(ask(service.port(), "GET", "/api/v1/jobs/x/events").status == 404);

    service.remove_log(1);
    const auto without_log = ask(service.port(), "GET", path + "/events");
    CHECK(without_log.status == 410);
    CHECK_THAT(without_log.body, ContainsSubstring("removed by retention"));
    service.remove_job(1);
    CHECK(ask(service.port(), "GET", path + "/events").status == 410);
}

TEST_CASE("HEAD tells what the events would be like", "[component][api]") {
    running_service service;
    const auto path = start(service);
    wait_for_end(service, path);

    const auto head = ask(service.port(), "HEAD", path + "/events");

    CHECK(head.status == 200);
    CHECK(head.headers.at("content-type") == "text/event-stream");
    CHECK(head.body.empty());
    CHECK(ask(service.port(), "HEAD", "/api/v1/jobs/2/events").status == 404);
}

TEST_CASE("events whose log cannot be read are cut off", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=wait-for-file"});
    const auto path = start(service);
    web_client follower(service.port(), "GET", path + "/events");
    follower.until("check archive for prior segment");
    REQUIRE(service.break_log_reads());

    service.open_gate();
    const auto whole = follower.whole();

    CHECK_FALSE(whole.complete);
    CHECK(seen(whole.body).events.back().first != "state");
    CHECK(ask(service.port(), "GET", path + "/events", "Last-Event-ID: 5\r\n").status == 500);
}
