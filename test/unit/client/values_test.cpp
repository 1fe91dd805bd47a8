#include "client/values.hpp"
#include "support/catch.hpp"

using namespace restpoint;
using namespace restpoint::client;

TEST_CASE("a job is read as the service writes it", "[unit][client]") {
    const auto read = parse_job(R"({"id":"7","kind":"backup","stanza":"main","type":"full",
        "annotations":{},"repo":null,"state":"running","requested_by":"http 127.0.0.1",
        "created":"2026-11-22T16:30:00.000Z","started":"2026-11-22T16:30:00.100Z","finished":null,
        "exit_code":null,"error":null,"progress":{"phase":"copy","bytes_done":812,"bytes_total":1000,
        "percent":81.25,"rate_bytes_per_s":100,"eta_s":2},"result":null,
        "log":{"bytes":100,"lines":2,"dropped":0}})");

    REQUIRE(read);
    CHECK(read->id == "7");
    CHECK(read->kind == "backup");
    CHECK(read->type == "full");
    CHECK(read->state == "running");
    CHECK(read->started == "2026-11-22T16:30:00.100Z");
    CHECK(read->finished.empty());
    CHECK(!read->error);
    CHECK(read->now == progress{"copy", 812, 1000, 81.25, 100, 2});
}

TEST_CASE("a job that ended says how", "[unit][client]") {
    const auto good = parse_job(R"({"id":"7","state":"succeeded","progress":null,
        "result":{"label":"20261122-163000F","backup_size":34100000,"expire_failed":true}})");
    const auto bad = parse_job(R"({"id":"8","state":"failed","error":{"code":56,
        "name":"DbConnectError","message":"no database","hint":"start it"}})");

    CHECK(good.value().label == "20261122-163000F");
    CHECK(good.value().backup_size == 34100000);
    CHECK(good.value().expire_failed);
    CHECK(bad.value().error.value().code == 56);
    CHECK(bad.value().error.value().name == "DbConnectError");
    CHECK(bad.value().error.value().message == "no database");
    CHECK(bad.value().error.value().hint == "start it");
}

TEST_CASE("an error without a code keeps its words", "[unit][client]") {
    const auto read =
        parse_job(R"({"id":"8","state":"failed","error":{"code":null,"message":"gone"}})");

    CHECK(!read.value().error.value().code);
    CHECK(read.value().error.value().message == "gone");
}

TEST_CASE("what is no job is refused", "[unit][client]") {
    const auto text = GENERATE(
        as<std::string>(), "", "[]", "{", "{}", R"({"id":"7"})", R"({"id":7,"state":"failed"})");

    const auto read = parse_job(text);

    REQUIRE(!read);
    CHECK(read.error().code == errc::io);
}

TEST_CASE("text that could steer a terminal is made harmless", "[unit][client]") {
    const auto read = parse_job(R"({"id":"7","state":"failed","stanza":"a\u001b[31m"})");

    CHECK(read.value().stanza == "a?[31m");
    CHECK(parse_log_event(R"({"line":"x\u001by","offset":3})").value() == "x?y");
}

TEST_CASE("lists are read one by one", "[unit][client]") {
    const auto jobs = parse_jobs(R"({"jobs":[{"id":"2","state":"failed"},{"id":"1"}]})");
    const auto backups = parse_backups(
        R"({"backups":[{"label":"20261122-163000F","type":"full","started":"2026-11-22T16:30:00Z",
        "finished":"2026-11-22T16:30:03Z","database_bytes":1000,"repo_delta_bytes":null,"repo":1,
        "page_error":true}]})");

    REQUIRE(jobs);
    CHECK(jobs->size() == 2);
    CHECK(jobs->front().id == "2");
    REQUIRE(backups);
    CHECK(backups->front().label == "20261122-163000F");
    CHECK(backups->front().database_bytes == 1000);
    CHECK(!backups->front().repo_delta_bytes);
    CHECK(backups->front().repo == 1);
    CHECK(backups->front().page_error);
}

TEST_CASE("schedules say what runs next and what became of the last run", "[unit][client]") {
    const auto all = parse_schedules(
        R"({"schedules":[{"name":"nightly","action":"backup","type":"diff","cron":"30 0 * * *",
        "time_zone":"UTC","enabled":true,"paused":null,
        "next_runs":[{"due_local":"2026-11-23T00:30:00+00:00"}],
        "last_runs":[{"outcome":"started","job_state":"failed"},{"outcome":"missed"}]}]})");
    const auto paused = parse_schedule(
        R"({"name":"x","enabled":true,"paused":{"by":"me"},"last_runs":[{"outcome":"missed"}]})");

    REQUIRE(all);
    CHECK(all->front().name == "nightly");
    CHECK(all->front().next == "2026-11-23T00:30:00+00:00");
    CHECK(all->front().last == "failed");
    CHECK(all->front().enabled);
    CHECK_FALSE(all->front().paused);
    CHECK(paused.value().paused);
    CHECK(paused.value().last == "missed");
    CHECK(!parse_schedule("x"));
}

TEST_CASE("what is no list is refused", "[unit][client]") {
    const auto text = GENERATE(as<std::string>(), "", "{}", R"({"jobs":1})", R"({"jobs":[1]})");

    CHECK(!parse_jobs(text));
}

TEST_CASE("progress may know little", "[unit][client]") {
    CHECK(
        parse_progress(R"({"phase":"start","percent":null,"bytes_done":-1})").value() ==
        progress{"start", {}, {}, {}, {}, {}});
    CHECK(!parse_progress("x"));
    CHECK(!parse_log_event("x"));
}

TEST_CASE("a refusal is read, and anything else is none", "[unit][client]") {
    const auto read =
        parse_problem(R"({"code":"conflict","detail":"job 6 is in the way","hint":"h","job":"6"})");

    CHECK(read.code == "conflict");
    CHECK(read.detail == "job 6 is in the way");
    CHECK(read.hint == "h");
    CHECK(read.job == "6");
    CHECK(parse_problem("<html>").detail.empty());
}

TEST_CASE("stanzas are read with their states", "[unit][client]") {
    const auto read = parse_stanzas(R"({"stanzas":[{"name":"main","state":"degraded","reasons":[
        {"code":"wal-gap","state":"degraded","message":"WAL is missing"}]}]})");

    REQUIRE(read.value().size() == 1);
    CHECK(read->front().name == "main");
    CHECK(read->front().state == "degraded");
    CHECK(read->front().reasons == std::vector<std::string>{"WAL is missing"});
}

TEST_CASE("one stanza has a name and a state", "[unit][client]") {
    CHECK(parse_stanza(R"({"name":"main","state":"ok"})").value().reasons.empty());
    for (const auto* const bad : {"{}", "[]", R"({"name":"main"})"}) {
        REQUIRE(!parse_stanza(bad));
        CHECK(parse_stanza(bad).error().detail == "the service's answer is no stanza");
    }
}

TEST_CASE("a server is read as the service writes it", "[unit][client]") {
    const auto there = parse_server(R"({"state":"running","detail":null,"role":"primary",
        "version":"15.14","timeline":2,"lsn":"0/7000000","archiving":{"failing":true}})");
    const auto away = parse_server(R"({"state":"stopped","detail":"no such file",
        "role":null,"version":null,"timeline":null,"lsn":null,"archiving":null})");

    REQUIRE(there);
    CHECK(there->state == "running");
    CHECK(there->role == "primary");
    CHECK(there->version == "15.14");
    CHECK(there->timeline == 2);
    CHECK(there->lsn == "0/7000000");
    CHECK(there->archiving_fails);
    REQUIRE(away);
    CHECK(away->detail == "no such file");
    CHECK(!away->timeline);
    CHECK_FALSE(away->archiving_fails);
    CHECK(!parse_server("[]"));
}
