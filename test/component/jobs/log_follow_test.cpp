#include "log_readers.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>

#include <algorithm>
#include <optional>

using namespace restpoint;
using namespace restpoint::jobs;
using namespace restpoint::jobs::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

/// Appends `log` in pieces of any length, as the loop turns.
void write_slowly(readers& world, std::string_view log, std::size_t most) {
    std::mt19937 random(5);
    while (!log.empty()) {
        const auto n = std::uniform_int_distribution<std::size_t>(1, most)(random);
        world.append(log.substr(0, n));
        log.remove_prefix(std::min(n, log.size()));
        world.loop.restart();
        world.loop.run_one_for(1ms);
    }
}

log_hub_options any_option(int round) {
    log_hub_options how;
    how.coalesce = 3ms;
    how.poll = 2ms;
    how.notice = round % 2 == 0 ? growth_notice::inotify : growth_notice::poll;
    how.reads = round / 2 % 2 == 0 ? pool_reads::when_cold : pool_reads::always;
    return how;
}

} // namespace

TEST_CASE("followers get every byte of a growing log, wherever they begin", "[jobs]") {
    for (int round = 0; round < 4; ++round) {
        CAPTURE(round);
        readers world(any_option(round));
        const auto log = some_log(40'000, 7) + "the end is half a li";
        const auto half = log.rfind('\n', log.size() / 2) + 1;
        world.append("");
        std::vector<std::pair<view, std::shared_ptr<client>>> early;
        std::vector<std::pair<view, std::shared_ptr<client>>> late;
        for (const auto& how : {raw, text_info, html_info}) {
            for (const std::size_t bite : {50UL, 1'000UL, 100'000UL}) {
                early.emplace_back(how, world.start(how, follow::yes, 0, bite));
            }
        }
        write_slowly(world, std::string_view(log).substr(0, half), 700);
        for (const auto& how : {raw, text_info, html_info}) {
            early.emplace_back(how, world.start(how, follow::yes, 0, 300));
        }
        late.emplace_back(raw, world.start(raw, follow::yes, half));
        write_slowly(world, std::string_view(log).substr(half), 700);
        world.hub->finish(1);

        for (const auto& [how, who] : early) {
            REQUIRE(world.until([&, w = who] { return w->ended; }));
            REQUIRE_FALSE(who->failed);
            REQUIRE(who->got == rendered(how, log));
        }
        REQUIRE(world.until([&] { return late[0].second->ended; }));
        REQUIRE(late[0].second->got == log.substr(half));
    }
}

TEST_CASE("a waiting reader gets the first line without further ado", "[jobs]") {
    readers world({.coalesce = 1h});
    world.append("");
    const auto who = world.start(html_info);
    world.loop.run_for(1ms);

    world.append(entry("INFO", "a"));

    REQUIRE(world.until([&] { return !who->got.empty(); }));
    CHECK(who->got == rendered(html_info, entry("INFO", "a")));
}

TEST_CASE("readers are woken together and not for every line", "[jobs]") {
    const auto coalesce = 40ms;
    readers world({.coalesce = coalesce});
    world.append("");
    std::vector<std::shared_ptr<client>> clients;
    for (int i = 0; i < 50; ++i) {
        clients.push_back(world.start(raw));
    }
    const auto began = std::chrono::steady_clock::now();
    std::string log;
    for (int i = 0; i < 200; ++i) {
        const auto line = "line " + std::to_string(i) + "\n";
        log += line;
        world.append(line);
        world.loop.restart();
        world.loop.run_one_for(1ms);
    }
    REQUIRE(world.until([&] {
        return std::ranges::all_of(clients, [&](const auto& who) { return who->got == log; });
    }));
    const auto took = std::chrono::steady_clock::now() - began;

    const auto counted = world.hub->statistics();
    CHECK(counted.wake_ups >= 1);
    CHECK((static_cast<int>(counted.wake_ups) - 1) * coalesce <= took);
    CHECK(counted.renders <= counted.wake_ups + 1);
}

TEST_CASE("a line that is not complete is waited for", "[jobs]") {
    readers world({.coalesce = 1ms});
    world.append("");
    const auto who = world.start(html_info);
    world.loop.run_for(1ms);

    world.append("half a");
    REQUIRE(world.until([&] { return world.hub->statistics().wake_ups == 1; }));
    REQUIRE(world.until([&] { return world.hub->statistics().renders == 1; }));
    CHECK(who->got.empty());

    world.append(" line\n");
    REQUIRE(world.until([&] { return !who->got.empty(); }));
    CHECK(who->got == "half a line<br/>\n");
}

TEST_CASE("a line too long for a stretch is not waited for", "[jobs]") {
    readers world({.coalesce = 1ms});
    world.append("");
    const auto who = world.start(html_info);
    const auto line = entry("WARN", std::string(20'000, 'x'));

    world.append(line.substr(0, 15'000));
    REQUIRE(world.until([&] { return who->got.size() > 10'000; }));
    CHECK(rendered(html_info, line).starts_with(who->got));

    world.append(line.substr(15'000));
    REQUIRE(world.until([&] { return who->got.ends_with("\n"); }));
    CHECK(who->got == rendered(html_info, line));
}

TEST_CASE("a finished log ends for those who wait, with its last half line", "[jobs]") {
    readers world;
    world.append("a\nhalf");
    const auto who = world.start(raw);
    const auto idle = world.start(html_info, follow::yes, 6);
    REQUIRE(world.until([&] { return who->got == "a\n"; }));

    world.hub->finish(1);

    REQUIRE(world.until([&] { return who->ended && idle->ended; }));
    CHECK(who->got == "a\nhalf");
    CHECK(idle->got.empty());
    CHECK_FALSE(who->failed);
}

TEST_CASE("who comes to a log that was finished while others read it comes to its end", "[jobs]") {
    readers world;
    world.append("a\n");
    const auto stays = world.hub->open(1, raw, 0, follow::yes);
    world.hub->finish(1);

    const auto who = world.start(raw, follow::yes);

    REQUIRE(world.until([&] { return who->ended; }));
    CHECK(who->got == "a\n");
}

TEST_CASE("who does not follow gets what was there", "[jobs]") {
    readers world;
    world.append(entry("INFO", "a") + "half");
    const auto follower = world.start(raw);
    REQUIRE(world.until([&] { return !follower->got.empty(); }));
    const auto text = world.start(raw, follow::no);
    const auto page = world.start(html_info, follow::no);

    world.append(" a line\nmore\n");

    REQUIRE(world.until([&] { return text->ended && page->ended; }));
    CHECK(text->got == entry("INFO", "a") + "half");
    CHECK(page->got == rendered(html_info, entry("INFO", "a") + "half"));
    REQUIRE(world.until([&] { return follower->got.ends_with("more\n"); }));
    CHECK(follower->got == entry("INFO", "a") + "half a line\nmore\n");
}

TEST_CASE("two logs wake their own readers", "[jobs]") {
    readers world({.coalesce = 1ms});
    world.append("", 1);
    world.append("", 2);
    const auto one = world.start(raw, follow::yes, 0, std::string::npos, 1);
    const auto two = world.start(raw, follow::yes, 0, std::string::npos, 2);

    world.append("to one\n", 1);
    REQUIRE(world.until([&] { return !one->got.empty(); }));
    world.append("to two\n", 2);
    REQUIRE(world.until([&] { return !two->got.empty(); }));

    CHECK(one->got == "to one\n");
    CHECK(two->got == "to two\n");
    CHECK(world.hub->statistics().wake_ups == 2);
}

TEST_CASE("stop ends every wait, and nobody is let in any more", "[jobs]") {
    for (int round = 0; round < 4; ++round) {
        readers world(any_option(round));
        world.append(some_log(50'000));
        std::vector<std::shared_ptr<client>> clients;
        for (std::size_t i = 0; i < 20; ++i) {
            clients.push_back(world.start(html_info, follow::yes, 0, i == 0 ? 5 : 100'000));
        }
        REQUIRE(world.until([&] { return !clients[1]->got.empty(); }));

        world.hub->stop();

        for (const auto& who : clients) {
            REQUIRE(world.until([&] { return who->ended; }));
            CHECK(who->failed == asio::error::operation_aborted);
        }
        const auto late = world.hub->open(1, raw, 0, follow::yes);
        REQUIRE(late.has_error());
        CHECK(late.error().code == errc::unavailable);
    }
}

TEST_CASE("a cancelled peek can be asked again", "[jobs]") {
    for (const auto how : {asio::cancellation_type::total, asio::cancellation_type::terminal}) {
        readers world({.coalesce = 1ms});
        world.append("");
        auto opened = world.hub->open(1, raw, 0, follow::yes);
        REQUIRE(opened.has_value());
        asio::cancellation_signal stop;
        std::optional<boost::system::error_code> ended;
        const auto peek = [](log_reader& reader) -> asio::awaitable<void> {
            co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
            co_await reader.peek();
        };
        asio::co_spawn(
            world.loop, peek(**opened),
            asio::bind_cancellation_slot(stop.slot(), [&ended](std::exception_ptr failed) {
                try {
                    std::rethrow_exception(failed);
                } catch (const boost::system::system_error& e) {
                    ended = e.code();
                }
            }));
        world.loop.run_for(1ms);
        REQUIRE_FALSE(ended);

        stop.emit(how);
        REQUIRE(world.until([&] { return ended.has_value(); }));
        CHECK(*ended == asio::error::operation_aborted);

        auto who = std::make_shared<client>();
        who->reader = std::move(*opened);
        world.tasks.spawn("again", [who] { return read_all(who); });
        world.append("a\n");
        REQUIRE(world.until([&] { return who->got == "a\n"; }));
    }
}

TEST_CASE("a reader may outlive the hub", "[jobs]") {
    readers world({.reads = pool_reads::always});
    world.append("a\n");
    const auto who = world.start(raw);
    REQUIRE(world.until([&] { return who->got == "a\n"; }));

    world.hub = std::make_unique<log_hub>(world.loop.get_executor(), world.folder);

    REQUIRE(world.until([&] { return who->ended; }));
    CHECK(who->failed == asio::error::operation_aborted);
    CHECK(world.read(raw) == "a\n");
}
