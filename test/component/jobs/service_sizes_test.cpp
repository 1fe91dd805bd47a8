// What newer versions of pgBackRest tell of a backup while it runs.
#include "service_fixture.hpp"

using namespace restpoint;
using namespace restpoint::jobs;
using namespace restpoint::jobs::test;
using backrest::backup_type;

namespace {

using answer_of_info = result<std::shared_ptr<const info_answer>>;

/// Stands for the cached `info`: says what it is told to, and counts how often it is asked.
struct spokesman {
    info_answer says = {};
    std::optional<failure> fails = {};
    int asked = 0;

    boost::asio::awaitable<answer_of_info> answer() {
        ++asked;
        if (fails) {
            co_return *fails;
        }
        co_return std::make_shared<const info_answer>(says);
    }

    void say(const std::string& stanza, std::uint64_t completed, std::uint64_t size) {
        backrest::stanza_info told;
        told.name = stanza;
        told.running_completed = completed;
        told.running_size = size;
        says.stanzas.assign(1, told);
        says.taken = std::chrono::system_clock::now();
    }

    [[nodiscard]] settings as_settings() {
        settings how{.mode = "wait-for-file"};
        how.info = [this] { return answer(); };
        how.ask_sizes_every = std::chrono::milliseconds{1};
        return how;
    }
};

constexpr backrest::features tells_sizes{.running_sizes_in_info = true};

/// Asks a few times more, whatever comes of it.
void ask_on(life& now, const spokesman& info) {
    const auto before = info.asked;
    now.loop.until("info is asked on", [&] { return info.asked > before + 3; });
}

} // namespace

TEST_CASE("the sizes of a running backup are its progress, by version", "[component][jobs]") {
    const machine home;
    spokesman info;
    life now(home, info.as_settings());
    const auto id = now.submit_and_begin(a(backup_type::full)).id;
    info.say("main", 1000, 4000);
    now.loop.turn(50);
    REQUIRE(info.asked == 0);
    REQUIRE_FALSE(now.found(id).progress.bytes_total);

    now.jobs.use_features(tells_sizes);

    now.loop.until("the size is known", [&] { return now.found(id).progress.bytes_total == 4000; });
    CHECK(now.found(id).progress.bytes_done == 1000);
    CHECK(now.found(id).progress.percent == 25);
    info.say("main", 3000, 4000);
    now.loop.until("it moves", [&] { return now.found(id).progress.bytes_done == 3000; });
    info.say("main", 2000, 4000);
    ask_on(now, info);
    CHECK(now.found(id).progress.bytes_done == 3000);
    home.open_gate("backup");
    CHECK(now.ended(id).state == job_state::succeeded);
}

TEST_CASE(
    "sizes of another backup, or of nobody knows which, are passed over", "[component][jobs]") {
    const machine home;
    spokesman info;
    life now(home, info.as_settings());
    now.jobs.use_features(tells_sizes);
    const auto id = now.submit_and_begin(a(backup_type::full)).id;

    SECTION("of another stanza") {
        info.say("other", 1000, 4000);
    }
    SECTION("from before it began") {
        info.say("main", 1000, 4000);
        info.says.taken -= std::chrono::hours{1};
    }
    SECTION("stale") {
        info.say("main", 1000, 4000);
        info.says.stale = true;
    }
    SECTION("not there") {
        info.say("main", 1000, 4000);
        info.says.stanzas[0].running_size.reset();
    }
    SECTION("no answer") {
        info.fails = failure{errc::unavailable, "no repo"};
    }
    ask_on(now, info);

    CHECK_FALSE(now.found(id).progress.bytes_total);
    info.fails.reset();
    info.say("main", 1000, 4000);
    info.says.stale = false;
    now.loop.until("the size is known", [&] { return now.found(id).progress.bytes_total == 4000; });
}

TEST_CASE("nobody is asked for the sizes of what is no backup, or has ended", "[component][jobs]") {
    const machine home;
    spokesman info;
    life now(home, info.as_settings());
    now.jobs.use_features(tells_sizes);
    now.submit_and_begin(a(job_kind::check));
    now.loop.turn(50);
    CHECK(info.asked == 0);

    const auto backup = now.submit_and_begin(a(backup_type::full)).id;
    ask_on(now, info);
    home.open_gate("backup");
    now.ended(backup);
    const auto before = info.asked;
    now.loop.turn(50);

    CHECK(info.asked == before);
}
