#include "jobs/sqlite.hpp"
#include "jobs/store.hpp"
#include "store_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <array>
#include <utility>

namespace asio = boost::asio;
using namespace restpoint;
using namespace restpoint::jobs;
using namespace restpoint::jobs::test;

namespace {

/// A job with a value in every column.
job a_full_job() {
    auto made = a_backup(job_state::running);
    made.spec.type = backrest::backup_type::diff;
    made.spec.annotations = {{"ticket", "OPS-7"}, {"why", "\"quoted\" \xff and ä"}};
    made.spec.repo = 2;
    made.started = made.created + std::chrono::microseconds{1};
    made.finished = made.created + std::chrono::hours{1};
    made.cancel_requested = made.created + std::chrono::minutes{2};
    made.exit_code = 104;
    made.error = backrest::command_error{82, "archive-timeout", "line 1\nline 2", "look"};
    made.label = "20261122-082936F";
    made.backup_size = 0xFFFF'FFFF'FFFF'FFFFU;
    made.expire_failed = true;
    made.shim = process::identity{4711, 0xFFFF'FFFF'FFFF'FFFEU, "boot"};
    made.log_bytes = 1U << 20U;
    made.log_lines = 12;
    made.log_dropped = 3;
    made.cpu_seconds = 1.25;
    made.log_removed = made.created + std::chrono::hours{3};
    made.spec.set = "20261122-064235F";
    made.spec.dry_run = true;
    return made;
}

void check_equal(const job& got, const job& expected) {
    CHECK(got.spec == expected.spec);
    CHECK(got.state == expected.state);
    CHECK(got.requested_by == expected.requested_by);
    CHECK(got.created == expected.created);
    CHECK(got.started == expected.started);
    CHECK(got.finished == expected.finished);
    CHECK(got.cancel_requested == expected.cancel_requested);
    CHECK(got.exit_code == expected.exit_code);
    CHECK(got.error == expected.error);
    CHECK(got.label == expected.label);
    CHECK(got.backup_size == expected.backup_size);
    CHECK(got.expire_failed == expected.expire_failed);
    CHECK(got.shim == expected.shim);
    CHECK(got.log_bytes == expected.log_bytes);
    CHECK(got.log_lines == expected.log_lines);
    CHECK(got.log_dropped == expected.log_dropped);
    CHECK(got.cpu_seconds == expected.cpu_seconds);
    CHECK(got.log_removed == expected.log_removed);
}

job found(store& rows, job_id id) {
    auto got = run(rows.find(id));
    REQUIRE(got);
    REQUIRE(*got);
    return **got;
}

std::vector<job_id> ids(const std::vector<job>& jobs) {
    std::vector<job_id> all;
    for (const auto& one : jobs) {
        all.push_back(one.id);
    }
    return all;
}

std::vector<job_id> listed(store& rows, const job_filter& filter) {
    const auto got = run(rows.list(filter));
    REQUIRE(got);
    return ids(*got);
}

} // namespace

TEST_CASE("a job reads back as it was written, after a restart too", "[component][jobs]") {
    const temporary_folder folder;
    const auto written = a_full_job();
    job_id id = 0;
    {
        const auto rows = opened(folder.path());
        id = run(rows->insert(written)).value();
        check_equal(found(*rows, id), written);
    }

    const auto again = opened(folder.path());

    const auto read = found(*again, id);
    CHECK(read.id == id);
    check_equal(read, written);
}

TEST_CASE("a job without anything optional reads back so", "[component][jobs]") {
    const temporary_folder folder;
    const auto rows = opened(folder.path());

    const auto id = run(rows->insert(a_backup())).value();

    check_equal(found(*rows, id), a_backup());
}

TEST_CASE("an update replaces the row", "[component][jobs]") {
    const temporary_folder folder;
    const auto rows = opened(folder.path());
    auto changed = a_full_job();
    changed.id = run(rows->insert(a_backup())).value();

    REQUIRE(run(rows->update(changed)));

    check_equal(found(*rows, changed.id), changed);
}

TEST_CASE("an id is not given again when its row is gone", "[component][jobs]") {
    const temporary_folder folder;
    {
        const auto rows = opened(folder.path());
        CHECK(run(rows->last_id()).value() == 0);
        CHECK(run(rows->insert(a_backup())).value() == 1);
        CHECK(run(rows->insert(a_backup())).value() == 2);
    }
    {
        const auto raw = database::open(folder.path() / "restpoint.db").value().release();
        const std::unique_ptr<database> owner(raw);
        REQUIRE(raw->run("delete from jobs;"));
    }

    const auto rows = opened(folder.path());

    CHECK(run(rows->last_id()).value() == 2);
    CHECK_FALSE(run(rows->find(2)).value());
    CHECK(run(rows->insert(a_backup())).value() == 3);
}

TEST_CASE("a final row refuses to change", "[component][jobs]") {
    const temporary_folder folder;
    const auto rows = opened(folder.path());
    for (const auto state :
         {job_state::succeeded, job_state::failed, job_state::cancelled, job_state::interrupted}) {
        CAPTURE(to_string(state));
        auto last = a_backup(job_state::running);
        last.id = run(rows->insert(last)).value();
        last.state = state;
        REQUIRE(run(rows->update(last)));

        auto late = last;
        late.state = job_state::running;
        late.log_lines = 99;
        const auto refused = run(rows->update(late));

        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == errc::conflict);
        CHECK_THAT(refused.error().detail, ContainsSubstring(std::string(to_string(state))));
        check_equal(found(*rows, last.id), last);
    }
}

TEST_CASE("an update of a job that never was is not found", "[component][jobs]") {
    const temporary_folder folder;
    const auto rows = opened(folder.path());
    auto unknown = a_backup();
    unknown.id = 7;

    const auto refused = run(rows->update(unknown));

    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::not_found);
}

TEST_CASE("the list is newest first, filtered, and goes on at its cursor", "[component][jobs]") {
    const temporary_folder folder;
    const auto rows = opened(folder.path());
    auto expire = a_backup(job_state::failed);
    expire.spec.kind = job_kind::expire;
    auto other = a_backup(job_state::failed);
    other.spec.stanza = "other";
    for (const auto& next : {a_backup(), expire, other, a_backup(job_state::failed), expire}) {
        REQUIRE(run(rows->insert(next)));
    }
    job_filter filter;

    CHECK(listed(*rows, filter) == std::vector<job_id>{5, 4, 3, 2, 1});

    filter.limit = 2;
    CHECK(listed(*rows, filter) == std::vector<job_id>{5, 4});
    filter.before = 4;
    CHECK(listed(*rows, filter) == std::vector<job_id>{3, 2});

    filter = {};
    filter.state = job_state::failed;
    CHECK(listed(*rows, filter) == std::vector<job_id>{5, 4, 3, 2});
    filter.kind = job_kind::backup;
    CHECK(listed(*rows, filter) == std::vector<job_id>{4, 3});
    filter.stanza = "other";
    CHECK(listed(*rows, filter) == std::vector<job_id>{3});
    filter.stanza = "' or 1 = 1 --";
    CHECK(listed(*rows, filter).empty());
}

TEST_CASE("the unfinished jobs come oldest first", "[component][jobs]") {
    const temporary_folder folder;
    {
        const auto rows = opened(folder.path());
        for (const auto state : {job_state::queued, job_state::failed, job_state::running}) {
            REQUIRE(run(rows->insert(a_backup(state))));
        }
    }

    const auto rows = opened(folder.path());
    const auto unfinished = rows->unfinished();

    REQUIRE(unfinished);
    CHECK(ids(*unfinished) == std::vector<job_id>{1, 3});
}

TEST_CASE("updates reach the disk in the order they were asked for", "[component][jobs]") {
    const temporary_folder folder;
    const auto rows = opened(folder.path());
    auto changing = a_backup(job_state::running);
    changing.id = run(rows->insert(changing)).value();
    asio::io_context loop;
    std::vector<std::uint64_t> ended;
    for (std::uint64_t i = 1; i <= 50; ++i) {
        changing.log_lines = i;
        asio::co_spawn(
            loop, rows->update(changing), [&ended, i](std::exception_ptr, result<> done) {
                if (done) {
                    ended.push_back(i);
                }
            });
    }
    loop.run_for(std::chrono::seconds(10));

    CHECK(ended.size() == 50);
    CHECK(std::ranges::is_sorted(ended));
    CHECK(found(*rows, changing.id).log_lines == 50);
}

TEST_CASE(
    "what was begun is carried out though the one who awaits it is cancelled",
    "[component][jobs]") {
    const temporary_folder folder;
    const auto rows = opened(folder.path());
    auto changing = a_backup(job_state::running);
    changing.id = run(rows->insert(changing)).value();
    changing.log_lines = 42;
    asio::io_context loop;
    asio::cancellation_signal cancel;
    std::optional<result<>> answer;
    asio::co_spawn(
        loop, rows->update(changing),
        asio::bind_cancellation_slot(
            cancel.slot(), [&answer](std::exception_ptr, result<> done) { answer = done; }));
    loop.poll_one(); // as far as the first suspension

    cancel.emit(asio::cancellation_type::terminal);
    loop.run_for(std::chrono::seconds(10));

    REQUIRE(answer);
    CHECK(*answer);
    CHECK(found(*rows, changing.id).log_lines == 42);
}

TEST_CASE(
    "closing the store carries out what was begun, though nobody runs the loop",
    "[component][jobs]") {
    const temporary_folder folder;
    asio::io_context loop;
    auto changing = a_backup(job_state::running);
    {
        const auto rows = opened(folder.path());
        changing.id = run(rows->insert(changing)).value();
        for (changing.log_lines = 1; changing.log_lines < 20; ++changing.log_lines) {
            asio::co_spawn(loop, rows->update(changing), [](std::exception_ptr, result<>) {});
        }
        loop.poll();
    }

    const auto again = opened(folder.path());

    CHECK(found(*again, changing.id).log_lines == 19);
}

TEST_CASE(
    "the revision is another one after each change of a job, and after no read",
    "[component][jobs]") {
    const temporary_folder folder;
    std::filesystem::create_directory(folder.path() / "jobs");
    const auto rows = opened(folder.path());
    auto before = rows->revision();
    const auto has_changed = [&] { return std::exchange(before, rows->revision()) != before; };

    auto waits = a_backup();
    waits.id = run(rows->insert(waits)).value();
    CHECK(has_changed());
    auto ended = a_backup(job_state::succeeded);
    ended.id = run(rows->insert(ended, request_key{"scope", "key", "digest"})).value();
    CHECK(has_changed());
    run(rows->update(waits)).value();
    CHECK(has_changed());
    schedule_run due;
    due.schedule = "nightly";
    due.due = due.recorded = waits.created;
    auto by = a_backup();
    by.id = run(rows->insert_scheduled(a_backup(), due)).value();
    CHECK(has_changed());
    run(rows->supersede(waits, by, waits.created)).value();
    CHECK(has_changed());
    run(rows->remove_logs({ended.id}, ended.created)).value();
    CHECK(has_changed());
    run(rows->remove_jobs({ended.id})).value();
    CHECK(has_changed());

    run(rows->list({})).value();
    run(rows->find(by.id)).value();
    run(rows->last_id()).value();
    run(rows->check()).value();
    run(rows->audit({"ops", "127.0.0.1", "POST /api/v1/stanzas/main/backups", "202"})).value();
    CHECK_FALSE(has_changed());
}

TEST_CASE("an audit entry is a row", "[component][jobs]") {
    const temporary_folder folder;
    {
        const auto rows = opened(folder.path());
        REQUIRE(run(rows->audit({"ops", "127.0.0.1", "POST /api/v1/stanzas/main/backups", "202"})));
    }

    auto raw = database::open(folder.path() / "restpoint.db");
    REQUIRE(raw);
    auto query = (*raw)->prepare("select who, peer, what, outcome, at_us > 0 from audit");
    REQUIRE(query);
    REQUIRE(query->step().value());
    CHECK(query->text() == "ops");
    CHECK(query->text() == "127.0.0.1");
    CHECK(query->text() == "POST /api/v1/stanzas/main/backups");
    CHECK(query->text() == "202");
    CHECK(query->integer() == 1);
}
