#include "client/address.hpp"
#include "support/catch.hpp"

using namespace restpoint;
using namespace restpoint::client;

namespace {

order order_of(verb what) {
    order made;
    made.what = what;
    return made;
}

} // namespace

TEST_CASE("an address is a host and a port", "[unit][client]") {
    CHECK(
        parse_address("http://127.0.0.1:5000").value() ==
        address{"127.0.0.1", "5000", "127.0.0.1:5000"});
    CHECK(
        parse_address("http://db-1.example/").value() ==
        address{"db-1.example", "80", "db-1.example"});
    CHECK(parse_address("http://[::1]:5000/").value() == address{"::1", "5000", "[::1]:5000"});
    CHECK(parse_address("http://[::1]").value() == address{"::1", "80", "[::1]"});
}

TEST_CASE("an address says how to get there", "[unit][client]") {
    const auto encrypted = parse_address("https://db-1.example/").value();
    CHECK(encrypted.by == transport::tls);
    CHECK(encrypted.host == "db-1.example");
    CHECK(encrypted.port == "443");
    CHECK(parse_address("https://[::1]:5000").value().port == "5000");

    const auto local = parse_address("unix:/run/rest point.sock").value();
    CHECK(local.by == transport::local);
    CHECK(local.path == "/run/rest point.sock");
    CHECK(local.authority == "localhost");
}

TEST_CASE("what is no address is refused with its text", "[unit][client]") {
    const auto bad = GENERATE(
        "", "127.0.0.1:5000", "ftp://host", "https://", "unix:", "unix:run/x", "http://",
        "http://host:", "http://host:port", "http://host:123456", "http://host/path", "http://a b",
        "http://[::1", "http://[]:1", "http://[::1]x", "http://user@host", "http://a\r\nX: y");

    const auto made = parse_address(bad);

    REQUIRE(!made);
    CHECK(made.error().code == errc::invalid);
    CHECK(made.error().detail == "the address of the service is '" + std::string(bad) + "'");
}

TEST_CASE("each command that starts a job posts to its collection", "[unit][client]") {
    CHECK(request_of(order_of(verb::backup)).target == "/api/v1/stanzas/main/backups");
    CHECK(request_of(order_of(verb::check)).target == "/api/v1/stanzas/main/checks");
    CHECK(request_of(order_of(verb::verify)).target == "/api/v1/stanzas/main/verifications");
    CHECK(request_of(order_of(verb::expire)).target == "/api/v1/stanzas/main/expirations");
    CHECK(request_of(order_of(verb::check)).method == "POST");
    CHECK(request_of(order_of(verb::check)).body == "{}");
}

TEST_CASE("a backup says its type, annotations, repo and queue", "[unit][client]") {
    auto what = order_of(verb::backup);
    CHECK(request_of(what).body == R"({"type":"incr"})");

    what.type = "full";
    what.annotations = {{"why", "\"upgrade\""}};
    what.repo = 2;
    what.queue = true;

    CHECK(
        request_of(what).body ==
        R"({"type":"full","annotations":{"why":"\"upgrade\""},"repo":2,"queue":true})");
}

TEST_CASE("what comes from the command line stays one part of the target", "[unit][client]") {
    auto what = order_of(verb::jobs);
    what.filter = {{"kind", "a&limit=1"}, {"state", "x y"}};
    auto info = order_of(verb::info);
    info.stanza = "../a?b";

    CHECK(request_of(what).target == "/api/v1/jobs?kind=a%26limit%3D1&state=x%20y");
    CHECK(request_of(info).target == "/api/v1/stanzas/..%2Fa%3Fb/backups");
}

TEST_CASE("one job, its log, its events and its end have targets of their own", "[unit][client]") {
    auto what = order_of(verb::job);
    what.id = "7";
    CHECK(request_of(what).target == "/api/v1/jobs/7");
    what.what = verb::logs;
    CHECK(request_of(what).target == "/api/v1/jobs/7/log");
    what.level = "info";
    CHECK(request_of(what).target == "/api/v1/jobs/7/log?level=info");
    what.follow = true;
    CHECK(request_of(what).target == "/api/v1/jobs/7/events?level=info");
    what.what = verb::cancel;
    CHECK(request_of(what).target == "/api/v1/jobs/7/cancel");
    CHECK(request_of(what).method == "POST");
}

TEST_CASE("a hand on a schedule is a POST below its name", "[unit][client]") {
    auto what = order_of(verb::schedule_list);
    CHECK(request_of(what).target == "/api/v1/schedules");
    what.id = "nightly/../x";
    what.what = verb::schedule_pause;
    CHECK(request_of(what).target == "/api/v1/schedules/nightly%2F..%2Fx/pause");
    CHECK(request_of(what).body.empty());
    what.what = verb::schedule_resume;
    CHECK(request_of(what).method == "POST");
    what.what = verb::schedule_run;
    what.queue = true;
    CHECK(request_of(what).body == R"({"queue":true})");
}

TEST_CASE("a plan is asked for with what was said, and no more", "[unit][client]") {
    auto what = order_of(verb::restore);
    CHECK(request_of(what).target == "/api/v1/stanzas/main/restore-plans");
    CHECK(request_of(what).method == "POST");
    CHECK(request_of(what).body == "{}");

    what.wish.target_type = "immediate";
    CHECK(request_of(what).body == R"({"target":{"type":"immediate"}})");
    what.wish.target_type = "lsn";
    what.wish.target_value = "0/5";
    what.wish.timeline = 2;
    what.wish.set = "L";
    what.repo = 1;
    what.wish.way = "beside";
    what.wish.acknowledged = {"a", "b"};
    CHECK(
        request_of(what).body ==
        R"({"target":{"type":"lsn","value":"0/5"},"timeline":2,"set":"L","repo":1,"way":"beside",)"
        R"("acknowledge":["a","b"]})");
}

TEST_CASE("a restore carries out the plan that was shown", "[unit][client]") {
    const auto made = restore_of(order_of(verb::restore), "p", "d", "main");
    CHECK(made.target == "/api/v1/stanzas/main/restores");
    CHECK(made.body == R"({"plan":"p","digest":"d","confirm":"main"})");

    auto undo = order_of(verb::undo);
    undo.id = "7";
    undo.wish.confirm = "main";
    CHECK(request_of(undo).target == "/api/v1/jobs/7/undo");
    CHECK(request_of(undo).body == R"({"confirm":"main"})");
    undo.queue = true;
    CHECK(request_of(undo).body == R"({"confirm":"main","queue":true})");
    undo.what = verb::forget;
    CHECK(request_of(undo).target == "/api/v1/jobs/7/forget");
    CHECK(job_of("7").target == "/api/v1/jobs/7");
}

TEST_CASE("a hand on the server is a POST with the mode that was said", "[unit][client]") {
    auto what = order_of(verb::postgres_status);
    CHECK(request_of(what).target == "/api/v1/postgres");
    CHECK(request_of(what).method == "GET");
    what.what = verb::postgres_start;
    CHECK(request_of(what).target == "/api/v1/postgres/start");
    what.what = verb::postgres_restart;
    CHECK(request_of(what).target == "/api/v1/postgres/restart");
    CHECK(request_of(what).method == "POST");
    CHECK(request_of(what).body.empty());
    what.what = verb::postgres_stop;
    what.mode = "immediate";
    CHECK(request_of(what).target == "/api/v1/postgres/stop");
    CHECK(request_of(what).body == R"({"mode":"immediate"})");
}

TEST_CASE("events are resumed behind the last one", "[unit][client]") {
    const auto first = events_of("7", "", "");
    const auto again = events_of("7", "warn", "812");

    CHECK(first.target == "/api/v1/jobs/7/events");
    CHECK(first.headers.size() == 1);
    CHECK(again.headers.back() == std::pair<std::string, std::string>("Last-Event-ID", "812"));
}

TEST_CASE("a token is the first line, and may stand in a header", "[unit][client]") {
    CHECK(parse_token("rp_abc\n").value() == "rp_abc");
    CHECK(parse_token("rp_abc\r\nmore").value() == "rp_abc");
    CHECK(!parse_token(""));
    CHECK(!parse_token("\nrp_abc"));
    CHECK(!parse_token("a b"));
    CHECK(!parse_token("a\x80"));
}

TEST_CASE("a request is written for a connection that is used once", "[unit][client]") {
    const address where{"::1", "5000", "[::1]:5000"};

    CHECK(
        to_text(events_of("7", "", "5"), where, "rp_abc") ==
        "GET /api/v1/jobs/7/events HTTP/1.1\r\nHost: [::1]:5000\r\nUser-Agent: restpoint\r\n"
        "Connection: close\r\nAuthorization: Bearer rp_abc\r\nAccept: text/event-stream\r\n"
        "Last-Event-ID: 5\r\n\r\n");
    CHECK(
        to_text(request_of(order_of(verb::check)), where, "") ==
        "POST /api/v1/stanzas/main/checks HTTP/1.1\r\nHost: [::1]:5000\r\n"
        "User-Agent: restpoint\r\nConnection: close\r\nContent-Type: application/json\r\n"
        "Content-Length: 2\r\n\r\n{}");
}

TEST_CASE("the window is a stanza's", "[unit][client]") {
    auto window = order_of(verb::window);
    window.stanza = "demo";

    CHECK(request_of(window).method == "GET");
    CHECK(request_of(window).target == "/api/v1/stanzas/demo/window");
    CHECK(stanza_of(window).target == "/api/v1/stanzas/demo");
}
