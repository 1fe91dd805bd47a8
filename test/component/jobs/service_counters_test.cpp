// What the kernel tells of a backup that says nothing itself.
#include "service_fixture.hpp"

using namespace restpoint;
using namespace restpoint::jobs;
using namespace restpoint::jobs::test;
using backrest::backup_type;

namespace {

constexpr std::size_t megabyte = 1U << 20U;

/// A cluster of one large file and some WAL, and a backup that has read half of the file.
settings half_copied(const machine& home) {
    const auto data = home.home() / "data";
    for (const auto* folder : {"base/5", "pg_wal"}) {
        std::filesystem::create_directories(data / folder);
    }
    std::ofstream(data / "PG_VERSION") << "15\n";
    for (const auto* file : {"base/5/1259", "pg_wal/000000010000000000000001"}) {
        std::ofstream(data / file) << std::string(8 * megabyte, 'x');
    }
    settings how{.mode = "copies"};
    how.environment = {"FAKE_FILE=" + (data / "base/5/1259").native()};
    how.count_reads_every = std::chrono::milliseconds{10};
    return how;
}

} // namespace

TEST_CASE("what a backup's workers read is its progress", "[component][jobs]") {
    const machine home;
    life now(home, half_copied(home));
    const auto id = now.submit_and_begin(a(backup_type::full)).id;

    now.loop.until("half of it is read", [&] {
        const auto seen = now.find_running(id);
        return seen && seen->progress.percent && *seen->progress.percent > 45;
    });
    const auto seen = now.find_running(id)->progress;
    CHECK(seen.phase == "copy");
    CHECK(seen.estimated);
    CHECK(*seen.percent < 60);
    REQUIRE(seen.bytes_total);
    CHECK(*seen.bytes_total >= 8 * megabyte);
    CHECK(*seen.bytes_total < 9 * megabyte); // the WAL is no part of it
    CHECK(home.log(id).find("backup file") == std::string::npos);

    home.open_gate("backup");
    CHECK(now.ended(id).state == job_state::succeeded);
}

TEST_CASE("a backup that builds on another waits for info to know its total", "[component][jobs]") {
    const machine home;
    life now(home, half_copied(home));
    const auto id = now.submit_and_begin(a(backup_type::incr)).id;

    now.loop.until("half of it is read", [&] {
        const auto seen = now.find_running(id);
        return seen && seen->progress.bytes_done.value_or(0) >= 4 * megabyte;
    });
    CHECK_FALSE(now.find_running(id)->progress.percent);

    home.open_gate("backup");
    CHECK(now.ended(id).state == job_state::succeeded);
}

TEST_CASE(
    "files that did not change since the last backup are not to be copied", "[component][jobs]") {
    const machine home;
    auto how = half_copied(home);
    const auto info = [](std::int64_t stop)
        -> boost::asio::awaitable<result<std::shared_ptr<const info_answer>>> {
        info_answer says;
        auto& stanza = says.stanzas.emplace_back();
        stanza.name = "main";
        auto& set = stanza.backups.emplace_back();
        set.type = "full";
        set.start = 1; // of the checkpoint that gave the old file its time
        set.stop = stop;
        co_return std::make_shared<const info_answer>(std::move(says));
    };
    const auto hour_ago = std::chrono::system_clock::now() - std::chrono::hours{1};
    const auto stop = std::chrono::system_clock::to_time_t(hour_ago);
    how.info = [info, stop] { return info(stop); };
    // It was there long before.
    const auto old = std::filesystem::file_time_type::clock::now() - std::chrono::hours{5};
    std::ofstream(home.home() / "data/base/5/9999") << std::string(8 * megabyte, 'x');
    std::filesystem::last_write_time(home.home() / "data/base/5/9999", old);
    life now(home, how);
    const auto id = now.submit_and_begin(a(backup_type::incr)).id;

    now.loop.until("the total is known", [&] {
        const auto seen = now.find_running(id);
        return seen && seen->progress.bytes_total;
    });
    CHECK(*now.find_running(id)->progress.bytes_total < 9 * megabyte);

    home.open_gate("backup");
    CHECK(now.ended(id).state == job_state::succeeded);
}

TEST_CASE("what a verification's workers read is its progress", "[component][jobs]") {
    const machine home;
    auto how = half_copied(home);
    how.info = []() -> boost::asio::awaitable<result<std::shared_ptr<const info_answer>>> {
        info_answer says;
        auto& stanza = says.stanzas.emplace_back();
        stanza.name = "main";
        stanza.backups.emplace_back().repo = 1;
        stanza.backups.back().repo_delta = 6 * megabyte;
        co_return std::make_shared<const info_answer>(std::move(says));
    };
    how.window = []() -> boost::asio::awaitable<result<std::shared_ptr<const window_answer>>> {
        window_answer says;
        says.archives.emplace_back().of.repo = 1;
        says.archives.back().window.bytes = 2 * megabyte;
        co_return std::make_shared<const window_answer>(std::move(says));
    };
    life now(home, how);
    job_spec what;
    what.kind = job_kind::verify;
    what.stanza = "main";
    const auto id = now.submit_and_begin(what).id;

    now.loop.until("half of it is read", [&] {
        const auto seen = now.find_running(id);
        return seen && seen->progress.percent && *seen->progress.percent > 45;
    });
    const auto seen = now.find_running(id)->progress;
    CHECK(seen.phase == "verify");
    CHECK(*seen.percent < 60);
    CHECK(seen.bytes_total == 8 * megabyte);

    home.open_gate("verify");
    CHECK(now.ended(id).state == job_state::succeeded);
}
