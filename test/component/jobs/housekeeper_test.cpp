// Retention over a real store and real logs.
#include "base/task_group.hpp"
#include "jobs/housekeeper.hpp"
#include "service_fixture.hpp"
#include "support/standard_error.hpp"

#include <random>

using namespace restpoint;
using namespace restpoint::jobs;
using namespace restpoint::jobs::test;
using restpoint::test::standard_error;
using std::chrono::days;

namespace {

constexpr wall_time now{std::chrono::seconds{1'795'262'400}};

job an_ended_job(job_state state, days age) {
    auto made = a_backup(state);
    made.created = now - age - std::chrono::hours{1};
    made.finished = now - age;
    return made;
}

/// A state directory, its store and a housekeeper that takes no time.
struct old_house {
    explicit old_house(retention_policy keep) : keeps(keep) {
        std::filesystem::create_directory(jobs());
    }

    [[nodiscard]] std::filesystem::path jobs() const { return folder.path() / "jobs"; }
    [[nodiscard]] std::filesystem::path log(job_id id) const {
        return jobs() / (std::to_string(id) + ".log");
    }

    /// A row, and a log of so many bytes.
    job_id add(job what, std::size_t bytes = 10) {
        what.log_bytes = bytes;
        const auto id = loop.get("insert", rows->insert(what)).value();
        std::ofstream(log(id)) << std::string(bytes, 'x');
        return id;
    }
    job_id add(job_state state, days age, std::size_t bytes = 10) {
        return add(an_ended_job(state, age), bytes);
    }

    tidied tidy() {
        auto round = loop.get("a round", keeper.tidy());
        REQUIRE(round);
        return *round;
    }

    [[nodiscard]] bool has_row(job_id id) {
        return loop.get("find", rows->find(id)).value().has_value();
    }
    [[nodiscard]] bool has_log(job_id id) const { return std::filesystem::exists(log(id)); }

    [[nodiscard]] housekeeping_options options() const {
        housekeeping_options made;
        made.keep = keeps;
        made.settle = made.pause = std::chrono::milliseconds{0};
        made.believe_after = std::chrono::milliseconds{0}; // the records here are old
        made.page = 7;                                     // several pages even of a few
        made.now = [] { return now; };
        return made;
    }

    temporary_folder folder;
    retention_policy keeps;
    hand_driven_loop loop;
    std::unique_ptr<store> rows = opened(folder.path());
    log_hub logs{loop.executor(), jobs()};
    housekeeper keeper{loop.executor(), *rows, logs, options()};
};

constexpr std::uint64_t plenty = 1U << 30U;

void with_raw(const std::filesystem::path& folder, const std::string& script) {
    auto raw = database::open(folder / "restpoint.db");
    REQUIRE(raw);
    REQUIRE((*raw)->run(script));
}

std::int64_t count(const std::filesystem::path& folder, const std::string& what) {
    auto raw = database::open(folder / "restpoint.db");
    REQUIRE(raw);
    auto query = (*raw)->prepare("select count(*) from " + what);
    REQUIRE(query);
    REQUIRE(query->step().value());
    return query->integer();
}

boost::asio::awaitable<void> end(task_group& tasks) {
    tasks.cancel(boost::asio::cancellation_type::terminal);
    co_await tasks.join();
}

} // namespace

TEST_CASE("old jobs go with row and log, the newest of each outcome stays", "[component][jobs]") {
    old_house house({days{30}, plenty});
    const auto old_success = house.add(job_state::succeeded, days{90});
    const auto newest_success = house.add(job_state::succeeded, days{80});
    const auto newest_failure = house.add(job_state::failed, days{70});
    const auto cancelled = house.add(job_state::cancelled, days{60});
    const auto young = house.add(job_state::cancelled, days{29});
    auto left_running = a_backup(job_state::running);
    left_running.created = now - days{1000};
    const auto running = house.add(left_running);

    const auto round = house.tidy();

    CHECK(round == tidied{2, 0, 20, 0});
    for (const auto id : {old_success, cancelled}) {
        CHECK_FALSE(house.has_row(id));
        CHECK_FALSE(house.has_log(id));
    }
    for (const auto id : {newest_success, newest_failure, young, running}) {
        CAPTURE(id);
        CHECK(house.has_row(id));
        CHECK(house.has_log(id));
    }
    CHECK(house.tidy() == tidied{});
}

TEST_CASE("the oldest logs go where there are too many bytes, the rows stay", "[component][jobs]") {
    old_house house({days{30}, 250});
    const auto first = house.add(job_state::succeeded, days{3}, 100);
    const auto second = house.add(job_state::succeeded, days{2}, 100);
    const auto third = house.add(job_state::succeeded, days{1}, 100);

    const auto round = house.tidy();

    CHECK(round == tidied{0, 1, 100, 0});
    CHECK_FALSE(house.has_log(first));
    CHECK(house.has_log(second));
    CHECK(house.has_log(third));
    const auto row = house.loop.get("find", house.rows->find(first)).value();
    REQUIRE(row);
    CHECK(row->log_removed == now);
    CHECK(row->state == job_state::succeeded);
    CHECK(row->log_bytes == 100);
    CHECK(house.tidy() == tidied{});
}

TEST_CASE("logs that nobody knows are left alone", "[component][jobs]") {
    // The store was moved aside: they are all that is left of its jobs.
    old_house house({days{1}, 0});
    std::ofstream(house.log(77)) << "once";
    std::ofstream(house.jobs() / "notes.txt") << "mine";
    house.add(job_state::cancelled, days{90});

    CHECK(house.tidy().jobs == 1);

    CHECK(house.has_log(77));
    CHECK(std::filesystem::exists(house.jobs() / "notes.txt"));
}

TEST_CASE("a round that was cut off goes on where it was", "[component][jobs]") {
    old_house house({days{30}, 250});
    house.add(job_state::succeeded, days{95}, 100);
    house.add(job_state::succeeded, days{3}, 100);
    house.add(job_state::succeeded, days{2}, 100);
    house.add(job_state::succeeded, days{1}, 100);
    // Killed between the files and the rows, in both places.
    std::filesystem::remove(house.log(1));
    std::filesystem::remove(house.log(2));

    const auto round = house.tidy();

    CHECK(round.jobs == 1);
    CHECK(round.logs == 1);
    CHECK_FALSE(house.has_row(1));
    CHECK(house.loop.get("find", house.rows->find(2)).value()->log_removed == now);
    CHECK(house.has_log(3));
}

TEST_CASE("whatever the jobs, the store and the folder come to agree", "[component][jobs]") {
    const auto seed = GENERATE(range(0, 12));
    CAPTURE(seed);
    std::mt19937 random(static_cast<unsigned>(seed));
    const auto up_to = [&](int most) {
        return std::uniform_int_distribution<int>(0, most)(random);
    };
    old_house house({days{up_to(60)}, static_cast<std::uint64_t>(up_to(3000))});
    std::vector<kept_job> all;
    for (int i = 0; i < 80; ++i) {
        auto one = an_ended_job(static_cast<job_state>(up_to(5)), days{up_to(100)});
        one.spec.kind = static_cast<job_kind>(up_to(4));
        one.spec.stanza = up_to(1) == 0 ? "main" : "other";
        const auto bytes = static_cast<std::size_t>(up_to(120));
        const auto id = house.add(one, bytes);
        all.push_back({id, one.spec.kind, one.spec.stanza, one.state, *one.finished, bytes});
    }
    const auto always = always_kept(all);
    const auto since = kept_since(house.keeps, now);

    house.tidy();

    std::uint64_t bytes = 0;
    bool more_could_go = false;
    for (const auto& one : all) {
        CAPTURE(one.id);
        const bool may_go = is_final(one.state) && !always.contains(one.id);
        const bool too_old = may_go && one.ended < since;
        const auto row = house.loop.get("find", house.rows->find(one.id)).value();
        REQUIRE(row.has_value() == !too_old);
        // A log is there as long as its row says so.
        REQUIRE(house.has_log(one.id) == (row && !row->log_removed));
        REQUIRE((!row || !row->log_removed || may_go));
        if (house.has_log(one.id)) {
            bytes += one.log_bytes;
            more_could_go |= may_go && one.log_bytes > 0;
        }
    }
    CHECK((bytes <= house.keeps.keep_log_bytes || !more_could_go));
}

TEST_CASE("old entries of the audit trail and old runs go, young ones stay", "[component][jobs]") {
    old_house house({days{30}, plenty});
    with_raw(
        house.folder.path(),
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 50)"
        " insert into audit (at_us, who, peer, what, outcome)"
        " select " +
            std::to_string((now - days{31}).time_since_epoch() / std::chrono::microseconds{1}) +
            ", '', '', '', '' from n;");
    REQUIRE(house.loop.get("audit", house.rows->audit({"ops", "", "", ""})));
    for (const int age : {90, 31, 29}) {
        schedule_run run;
        run.schedule = "nightly";
        run.due = run.recorded = now - days{age};
        REQUIRE(house.loop.get("settle", house.rows->settle_run(run)));
    }
    REQUIRE(house.loop.get("remember", house.rows->remember({"nightly", "f", now - days{400}})));

    const auto round = house.tidy();

    CHECK(round.records == 52);
    CHECK(count(house.folder.path(), "audit") == 1);
    CHECK(house.loop.get("runs", house.rows->schedule_runs("nightly", 9)).value().size() == 1);
    CHECK(house.loop.get("recall", house.rows->recall("nightly")).value());
}

TEST_CASE("of refused strangers the newest so many are kept", "[component][jobs]") {
    old_house house({.keep_jobs = days{30}, .keep_log_bytes = plenty, .keep_refusals = 3});
    for (int i = 0; i < 10; ++i) {
        const auto stranger =
            audit_entry{"http", "", "GET /", "refused: " + std::to_string(i), true};
        REQUIRE(house.loop.get("stranger", house.rows->audit(stranger)));
        REQUIRE(house.loop.get("known", house.rows->audit({"token ci", "", "", "refused"})));
    }

    const auto round = house.tidy();

    CHECK(round.records == 7);
    CHECK(count(house.folder.path(), "audit") == 13);
    const auto left = house.loop.get("left", house.rows->audit_trail({})).value();
    std::vector<std::string> strangers;
    for (const auto& one : left) {
        if (one.entry.who == "http") {
            strangers.push_back(one.entry.outcome);
        }
    }
    CHECK(strangers == std::vector<std::string>{"refused: 9", "refused: 8", "refused: 7"});
    CHECK(house.tidy().records == 0);
}

TEST_CASE("twenty thousand old jobs go, a little at a time", "[component][jobs]") {
    old_house house({days{30}, plenty});
    with_raw(
        house.folder.path(),
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)"
        " insert into jobs (kind, stanza, annotations, state, requested_by, created_us, "
        "finished_us,"
        " expire_failed, log_bytes, log_lines, log_dropped, cpu_seconds)"
        " select 'backup', 'main', '{}', case i % 3 when 0 then 'failed' else 'succeeded' end,"
        " 'schedule x', i, i, 0, 1, 1, 0, 0 from n;");
    auto options = house.options();
    options.page = 256;
    housekeeper keeper{house.loop.executor(), *house.rows, house.logs, options};
    int others = 0;

    const auto round = house.loop.start(keeper.tidy());
    while (!round->ended()) {
        // Whoever asks meanwhile is answered.
        REQUIRE(house.loop.get("find", house.rows->find(20'000)).value());
        ++others;
    }

    REQUIRE(round->value);
    REQUIRE(*round->value);
    CHECK((*round->value)->jobs == 19'998);
    CHECK(count(house.folder.path(), "jobs") == 2);
    CHECK(others > 100);
}

TEST_CASE("a round follows the end of a job, and comes by itself", "[component][jobs]") {
    old_house house({days{30}, plenty});
    auto options = house.options();
    SECTION("after the end of a job") {
        options.every = std::chrono::hours{1};
    }
    SECTION("every so often") {
        options.every = std::chrono::milliseconds{1};
    }
    housekeeper keeper{house.loop.executor(), *house.rows, house.logs, options};
    task_group tasks(house.loop.executor());
    const auto first = house.add(job_state::cancelled, days{90});
    tasks.spawn("house", [&] { return keeper.run(); });
    house.loop.until("the first round", [&] { return !house.has_log(first); });

    const auto second = house.add(job_state::cancelled, days{90});
    if (options.every > std::chrono::seconds{1}) {
        keeper.job_ended();
    }

    house.loop.until("another round", [&] { return !house.has_log(second); });
    house.loop.finish("the end", end(tasks));
}

TEST_CASE("a clock far from all records removes nothing for its age", "[component][jobs]") {
    old_house house({days{30}, 250});
    const auto first = house.add(job_state::succeeded, days{90}, 100);
    const auto second = house.add(job_state::succeeded, days{80}, 100);
    const auto third = house.add(job_state::succeeded, days{70}, 100);
    auto options = house.options();
    options.believe_after = std::chrono::hours{1};
    housekeeper keeper{house.loop.executor(), *house.rows, house.logs, options};
    const standard_error said;

    const auto round = house.loop.get("a round", keeper.tidy()).value();

    CHECK(round == tidied{0, 1, 100, 0}); // there are too many bytes, whatever the time
    CHECK_FALSE(house.has_log(first));
    for (const auto id : {first, second, third}) {
        CHECK(house.has_row(id));
    }
    CHECK(house.loop.get("another", keeper.tidy()).value() == tidied{});
    CHECK(said.lines_with({"warn", "the clock is far"}) == 1);
}

TEST_CASE("a new policy holds at once", "[component][jobs]") {
    old_house house({days{365}, plenty});
    const auto old = house.add(job_state::cancelled, days{90});
    task_group tasks(house.loop.executor());
    tasks.spawn("house", [&] { return house.keeper.run(); });

    house.keeper.replace({days{30}, plenty});

    house.loop.until("it is gone", [&] { return !house.has_log(old); });
    house.loop.finish("the end", end(tasks));
}

TEST_CASE("what cannot be removed is said once and tried again", "[component][jobs]") {
    old_house house({days{30}, plenty});
    const auto id = house.add(job_state::cancelled, days{90});
    std::filesystem::remove(house.log(id));
    std::filesystem::create_directory(house.log(id)); // unlink(2): EISDIR
    auto options = house.options();
    options.every = std::chrono::milliseconds{1};
    int rounds = 0;
    options.now = [&rounds] {
        ++rounds;
        return now;
    };
    housekeeper keeper{house.loop.executor(), *house.rows, house.logs, options};
    task_group tasks(house.loop.executor());
    const standard_error said;
    tasks.spawn("house", [&] { return keeper.run(); });
    house.loop.until("several rounds", [&] { return rounds > 5; });
    CHECK(said.lines_with({"warn", "cannot be removed", "1.log"}) == 1);
    REQUIRE(house.has_row(id));

    std::filesystem::remove(house.log(id));

    house.loop.until("it is gone", [&] { return !house.has_row(id); });
    house.loop.until("it is said", [&] { return said.lines_with({"retention removed"}) == 1; });
    house.loop.finish("the end", end(tasks));
}

TEST_CASE("a log that was removed keeps no memory", "[component][jobs]") {
    old_house house({days{30}, plenty});
    const auto old = house.add(job_state::cancelled, days{90}, 5000);
    const auto young = house.add(job_state::cancelled, days{1}, 5000);
    for (const auto id : {old, young}) {
        auto reader = house.logs.open(id, {}, 0, follow::no);
        REQUIRE(reader);
        CHECK(house.loop.get("a piece", (*reader)->peek()).bytes.size() == 5000);
    }
    const auto both = house.logs.statistics().cached_bytes;

    house.tidy();

    CHECK(house.logs.statistics().cached_bytes == both / 2);
}
