// Jobs as who asks for them sees them: taken on, queued, refused, followed, looked up. How they end
// is in service_end_test.cpp, what outlives a restpoint in service_adopt_test.cpp.
#include "service_fixture.hpp"

using namespace restpoint;
using namespace restpoint::jobs;
using namespace restpoint::jobs::test;
using backrest::backup_type;

TEST_CASE("a submitted job's row is on disk when the answer comes", "[component][jobs]") {
    const machine home;
    life now(home, {.mode = "wait-for-file"});

    const auto taken = now.submit(a(backup_type::full));

    const auto row = home.row(taken.id);
    REQUIRE(row);
    CHECK(row->spec == a(backup_type::full));
    CHECK(row->requested_by == "test");
    CHECK_FALSE(is_final(row->state));
}

TEST_CASE("a job that succeeds tells all that its log and its shim know", "[component][jobs]") {
    const machine home;
    life now(home);

    const auto ended = now.ended(now.submit(a(backup_type::full)).id);

    CHECK(ended.state == job_state::succeeded);
    CHECK(ended.exit_code == 0);
    CHECK(ended.label == "20261122-064235F");
    CHECK(ended.log_bytes == std::filesystem::file_size(home.files(ended.id).log));
    CHECK(ended.log_lines == lines_of(home.files(ended.id).log).size());
    CHECK_FALSE(ended.error);
    CHECK_FALSE(std::filesystem::exists(home.files(ended.id).exit));
    CHECK_FALSE(std::filesystem::exists(home.files(ended.id).lock));
}

TEST_CASE("the identical request joins, another kind is refused", "[component][jobs]") {
    const machine home;
    life now(home, {.mode = "wait-for-file"});
    const auto first = now.submit(a(backup_type::full));

    const auto twin = now.try_submit(a(backup_type::full), when_busy::join);
    REQUIRE(twin.has_value());
    CHECK(twin->joined);
    CHECK(twin->what.id == first.id);

    const auto [spec, mode] = GENERATE(table<job_spec, when_busy>(
        {{a(job_kind::expire), when_busy::join},
         {a(backup_type::diff), when_busy::join},
         {a(backup_type::full), when_busy::refuse},
         {a(job_kind::stanza_create), when_busy::refuse}}));
    const auto other = now.try_submit(spec, mode);
    REQUIRE_FALSE(other.has_value());
    CHECK(other.error().why.code == errc::conflict);
    CHECK(other.error().blocked_by == first.id);
    CHECK(now.loop.get("the list", now.jobs.list({})).value().size() == 1);
}

TEST_CASE("queued jobs wait for their turn and run in order", "[component][jobs]") {
    const machine home;
    life now(home, {.mode = "wait-for-file"});
    const auto full = now.submit_and_begin(a(backup_type::full));
    const auto expire = now.submit(a(job_kind::expire), when_busy::queue);
    const auto diff = now.submit(a(backup_type::diff), when_busy::queue);
    CHECK(now.found(expire.id).state == job_state::queued);
    CHECK(now.found(diff.id).state == job_state::queued);

    home.open_gate("backup");
    now.await_begin(expire.id);
    CHECK(home.row(full.id)->state == job_state::succeeded);
    CHECK(now.found(diff.id).state == job_state::queued);
    home.open_gate("expire");

    CHECK(now.ended(expire.id).state == job_state::succeeded);
    CHECK(now.ended(diff.id).state == job_state::succeeded);
    const auto calls = home.calls();
    REQUIRE(calls.size() == 3);
    CHECK_THAT(calls[0], ContainsSubstring("--type=full"));
    CHECK_THAT(calls[1], ContainsSubstring("expire"));
    CHECK_THAT(calls[2], ContainsSubstring("--type=diff"));
}

TEST_CASE("a check runs beside a backup", "[component][jobs]") {
    const machine home;
    life now(home, {.mode = "wait-for-file"});
    const auto backup = now.submit_and_begin(a(backup_type::full));

    const auto check = now.submit_and_begin(a(job_kind::check));

    CHECK(now.found(backup.id).state == job_state::running);
    CHECK(now.found(check.id).state == job_state::running);
    home.open_gate("check");
    CHECK(now.ended(check.id).state == job_state::succeeded);
    CHECK(now.found(backup.id).state == job_state::running);
}

TEST_CASE("twenty identical requests at once are one job", "[component][jobs]") {
    const machine home;
    life now(home, {.mode = "wait-for-file"});
    std::vector<std::shared_ptr<hand_driven_loop::pending<life::submitted>>> answers;
    for (int i = 0; i < 20; ++i) {
        answers.push_back(
            now.loop.start(now.jobs.submit(a(backup_type::full), "test", when_busy::join)));
    }
    const auto answered = [](const auto& answer) { return answer->ended(); };
    now.loop.until("all are answered", [&] { return std::ranges::all_of(answers, answered); });

    int joined = 0;
    for (const auto& answer : answers) {
        REQUIRE(answer->value);
        REQUIRE(answer->value->has_value());
        CHECK((*answer->value)->what.id == 1);
        joined += (*answer->value)->joined ? 1 : 0;
    }
    CHECK(joined == 19);
    CHECK(now.loop.get("the list", now.jobs.list({})).value().size() == 1);
    home.open_gate("backup");
    CHECK(now.ended(1).state == job_state::succeeded);
    CHECK(home.calls().size() == 1);
}

TEST_CASE("beyond max_unfinished a job is refused until one has ended", "[component][jobs]") {
    const machine home;
    life now(home, {.mode = "wait-for-file", .max_unfinished = 2});
    now.submit(a(backup_type::full));
    const auto second = now.submit(a(backup_type::diff), when_busy::queue);

    const auto third = now.try_submit(a(job_kind::check));

    REQUIRE_FALSE(third.has_value());
    CHECK(third.error().why.code == errc::unavailable);
    CHECK_THAT(third.error().why.detail, ContainsSubstring("2 jobs"));
    CHECK_FALSE(third.error().blocked_by);
    REQUIRE(now.cancel(second.id));
    now.ended(second.id);
    CHECK(now.try_submit(a(job_kind::check)).has_value());
}

TEST_CASE("progress moves while a job runs and never goes back", "[component][jobs]") {
    const machine home;
    life now(home, {.mode = "slow", .environment = {"FAKE_LINES=40", "FAKE_INTERVAL_MS=25"}});
    const auto taken = now.submit(a(backup_type::full));

    std::vector<double> seen;
    std::uint64_t lines = 0;
    bool lines_went_back = false;
    now.loop.until("the job ends", [&] {
        const auto running = now.find_running(taken.id);
        if (running && running->progress.percent) {
            seen.push_back(*running->progress.percent);
            lines_went_back = lines_went_back || running->log_lines < lines;
            lines = running->log_lines;
        }
        return !running;
    });

    REQUIRE_FALSE(seen.empty());
    CHECK(std::ranges::is_sorted(seen));
    CHECK(seen.front() < seen.back());
    CHECK(seen.back() <= 100);
    CHECK_FALSE(lines_went_back);
    CHECK(now.ended(taken.id).log_lines >= lines);
}

namespace {

boost::asio::awaitable<std::string> whole_log(service& jobs, job_id id) {
    auto reader = co_await jobs.open_log(id, {}, 0, follow::yes);
    std::string got;
    for (;;) {
        const auto piece = co_await (*reader)->peek();
        if (piece.bytes.empty()) {
            co_return got;
        }
        got += piece.bytes;
        (*reader)->consume(piece.bytes.size());
    }
}

} // namespace

TEST_CASE("who opens the log of a queued job waits for it", "[component][jobs]") {
    const machine home;
    life now(home, {.mode = "wait-for-file"});
    now.submit_and_begin(a(backup_type::full));
    const auto queued = now.submit(a(job_kind::expire), when_busy::queue);
    const auto reading = now.loop.start(whole_log(now.jobs, queued.id));
    now.submit_and_begin(a(job_kind::check)); // turns the loop for long enough
    CHECK_FALSE(reading->ended());

    home.open_gate("expire");
    home.open_gate("backup");
    now.loop.until("the log is read to its end", [&] { return reading->ended(); });

    REQUIRE(reading->value);
    CHECK_THAT(*reading->value, ContainsSubstring("expire command begin"));
    CHECK_THAT(*reading->value, ContainsSubstring("completed successfully"));
    now.ended(queued.id);
    CHECK(*reading->value == home.log(queued.id));
}

TEST_CASE(
    "a job that retention took is gone, one that never was is not found", "[component][jobs]") {
    const machine home;
    life now(home);
    const auto old = now.submit(a(job_kind::check));
    now.ended(old.id);
    const auto next = now.submit(a(job_kind::check));
    now.ended(next.id);
    home.sql("delete from jobs where id = " + std::to_string(old.id));

    const auto find = [&](job_id id) { return now.loop.get("find", now.jobs.find(id)); };

    CHECK(find(next.id));
    REQUIRE_FALSE(find(old.id));
    CHECK(find(old.id).error().code == errc::gone);
    for (const job_id never : {next.id + 1, job_id{0}, job_id{-1}}) {
        CAPTURE(never);
        REQUIRE_FALSE(find(never));
        CHECK(find(never).error().code == errc::not_found);
    }
}

TEST_CASE(
    "after the database was removed no job gets the log of an earlier one", "[component][jobs]") {
    const machine home;
    job_id old = 0;
    {
        life first(home);
        old = first.submit(a(backup_type::full)).id;
        first.ended(old);
    }
    const auto old_log = home.log(old);
    REQUIRE_FALSE(old_log.empty());
    for (const auto* const name : {"restpoint.db", "restpoint.db-wal", "restpoint.db-shm"}) {
        std::filesystem::remove(home.state() / name);
    }

    life second(home);
    const auto fresh = second.submit(a(job_kind::check));
    second.ended(fresh.id);

    CHECK(fresh.id > old);
    CHECK(home.log(old) == old_log);
    CHECK_THAT(home.log(fresh.id), ContainsSubstring("check command begin"));
}

TEST_CASE("a job that comes into being while it is looked for is not gone", "[component][jobs]") {
    const machine home;
    life now(home, {.mode = "wait-for-file"});
    // The look comes to the store first, the question for the highest id behind the new row.
    const auto looked = now.loop.start(now.jobs.find(1));
    const auto taken =
        now.loop.start(now.jobs.submit(a(backup_type::full), "test", when_busy::refuse));

    now.loop.until("both are answered", [&] { return looked->ended() && taken->ended(); });

    REQUIRE(looked->value);
    REQUIRE(looked->value->has_value());
    CHECK((*looked->value)->id == 1);
}
