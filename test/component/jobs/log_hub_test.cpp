#include "log_readers.hpp"

#include <algorithm>

using namespace restpoint;
using namespace restpoint::jobs;
using namespace restpoint::jobs::test;
using backrest::log_level;

namespace {

const std::vector<view> views{
    raw,
    text_info,
    html_info,
    {log_level::error, markup::html},
    {log_level::trace, markup::html},
    {log_level::warn, markup::text}};

std::size_t open_descriptors() {
    return static_cast<std::size_t>(std::distance(
        std::filesystem::directory_iterator("/proc/self/fd"),
        std::filesystem::directory_iterator()));
}

bool all_ended(const std::vector<std::shared_ptr<client>>& clients) {
    return std::ranges::all_of(clients, [](const auto& who) { return who->ended; });
}

} // namespace

TEST_CASE("a finished log is read whole, in every view", "[jobs]") {
    readers world;
    const auto log = some_log(100'000) + "and a last line without its end";
    world.append(log);

    for (const auto& how : views) {
        CHECK(world.read(how) == rendered(how, log));
    }
}

TEST_CASE("an empty log ends at once", "[jobs]") {
    readers world;
    world.append("");

    CHECK(world.read(raw).empty());
    CHECK(world.read(html_info).empty());
    CHECK(world.read(raw, 100).empty());
}

TEST_CASE("readers of any speed get the same bytes", "[jobs]") {
    readers world;
    const auto log = some_log(60'000);
    world.append(log);

    for (const auto& how : views) {
        std::vector<std::shared_ptr<client>> clients;
        for (std::size_t i = 0; i < 100; ++i) {
            clients.push_back(world.start(how, follow::no, 0, i % 10 == 0 ? 1 + i : 500 * i));
        }
        REQUIRE(world.until([&] { return all_ended(clients); }));

        const auto expected = rendered(how, log);
        for (const auto& who : clients) {
            REQUIRE(who->got == expected);
        }
    }
}

TEST_CASE("raw markup begins at any byte", "[jobs]") {
    readers world;
    const auto log = some_log(20'000);
    world.append(log);

    for (const std::size_t from : {0UL, 1UL, 77UL, 4095UL, 4096UL, 4097UL, 12'345UL, log.size()}) {
        CHECK(world.read(raw, from) == log.substr(from));
    }
}

TEST_CASE("a view taken up at a reader's offset goes on where it was left", "[jobs]") {
    readers world;
    const auto log = some_log(30'000);
    world.append(log);

    for (const auto& how : views) {
        const auto whole = rendered(how, log);
        auto opened = world.hub->open(1, how, 0, follow::no);
        REQUIRE(opened.has_value());
        const auto stepper = [](log_reader& reader,
                                std::vector<std::pair<std::size_t, std::uint64_t>>& places)
            -> boost::asio::awaitable<void> {
            std::size_t consumed = 0;
            for (;;) {
                auto piece = co_await reader.peek();
                if (piece.bytes.empty()) {
                    co_return;
                }
                const auto line = std::min(piece.bytes.find('\n'), piece.bytes.size() - 1) + 1;
                consumed += line;
                reader.consume(line);
                places.emplace_back(consumed, reader.offset());
            }
        };
        std::vector<std::pair<std::size_t, std::uint64_t>> places;
        world.tasks.spawn("steps", [&] { return stepper(**opened, places); });
        REQUIRE(world.until([&] { return world.tasks.size() == 0; }));

        REQUIRE(places.back().second <= log.size());
        REQUIRE(places.size() > 20);
        for (std::size_t i = 0; i < places.size(); i += 7) {
            REQUIRE(world.read(how, places[i].second) == whole.substr(places[i].first));
        }
    }
}

TEST_CASE("lines longer than a stretch come through unchanged", "[jobs]") {
    readers world;
    std::string euros;
    for (int i = 0; i < 20'000; ++i) {
        euros += i % 100 == 0 ? "<" : "\u20AC";
    }
    const auto log = entry("WARN", euros) + entry("DETAIL", euros) + "   " + euros + "\n" +
                     entry("INFO", "short") + euros;
    world.append(log);

    for (const auto& how : views) {
        CHECK(world.read(how) == rendered(how, log));
    }
}

TEST_CASE("a stretch is rendered once, however many readers there are", "[jobs]") {
    const auto log = some_log(100'000);
    const auto renders_with = [&log](std::size_t count, pool_reads reads) {
        readers world({.reads = reads});
        world.append(log);
        std::vector<std::shared_ptr<client>> clients;
        for (std::size_t i = 0; i < count; ++i) {
            clients.push_back(world.start(html_info, follow::no, 0, 500 + i * 100));
        }
        REQUIRE(world.until([&] { return all_ended(clients); }));
        REQUIRE(clients.back()->got == rendered(html_info, log));
        const auto counted = world.hub->statistics();
        CHECK((reads == pool_reads::always) == (counted.cold_reads == counted.renders));
        return counted.renders;
    };

    const auto alone = renders_with(1, pool_reads::always);
    CHECK(alone >= log.size() / (4096 + 1024));
    CHECK(alone <= log.size() / 4096 + 2);
    CHECK(renders_with(100, pool_reads::always) == alone);
    CHECK(renders_with(100, pool_reads::when_cold) == alone);
}

TEST_CASE("readers that began at different places come to share stretches", "[jobs]") {
    readers world;
    const auto log = some_log(200'000);
    world.append(log);
    CHECK(world.read(raw) == log);
    const auto before = world.hub->statistics().renders;

    for (std::size_t from = 1; from <= 10; ++from) {
        CHECK(world.read(raw, from * 100) == log.substr(from * 100));
    }

    CHECK(world.hub->statistics().renders <= before + 20);
}

TEST_CASE("cold pages are read on the pool, with the same bytes", "[jobs]") {
    readers world({.reads = pool_reads::always});
    const auto log = some_log(50'000);
    world.append(log);

    for (const auto& how : views) {
        CHECK(world.read(how) == rendered(how, log));
    }
    const auto tail = log.rfind('\n', log.size() / 2) + 1;
    CHECK(world.read(raw, tail) == log.substr(tail));
    CHECK(world.hub->statistics().cold_reads > 0);
}

TEST_CASE("pages that were dropped from memory are read again", "[jobs]") {
    readers world;
    const auto log = some_log(300'000);
    world.append(log);
    const unique_fd file(::open(world.path().c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(::fsync(file.get()) == 0);
    REQUIRE(::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED) == 0);

    CHECK(world.read(html_info) == rendered(html_info, log));
}

TEST_CASE("the cache keeps its bound, and reading does not depend on it", "[jobs]") {
    const auto log = some_log(50'000);
    for (const auto reads : {pool_reads::when_cold, pool_reads::always}) {
        for (const std::size_t limit : {0UL, 1'000UL, 20'000UL}) {
            readers world({.cache_bytes = limit, .reads = reads});
            world.append(log);
            std::vector<std::shared_ptr<client>> clients;
            for (std::size_t i = 1; i <= 10; ++i) {
                clients.push_back(world.start(html_info, follow::no, 0, i * 300));
            }
            while (!all_ended(clients)) {
                REQUIRE(world.until([n = 0]() mutable { return n++ > 0; }));
                REQUIRE(world.hub->statistics().cached_bytes <= limit);
            }

            for (const auto& who : clients) {
                REQUIRE(who->got == rendered(html_info, log));
            }
        }
    }
}

TEST_CASE("a reader that finds nothing to show lets others go first", "[jobs]") {
    readers world;
    std::string log;
    while (log.size() < 4'000'000) {
        log += entry("DETAIL", std::string(100, 'x'));
    }
    world.append(log);
    std::size_t turns = 0;
    bool done = false;
    const auto count = [](std::size_t& n, bool& stop) -> boost::asio::awaitable<void> {
        const auto executor = co_await boost::asio::this_coro::executor;
        while (!stop) {
            ++n;
            co_await boost::asio::post(executor, boost::asio::use_awaitable);
        }
    };
    const auto who = world.start({log_level::error, markup::html}, follow::no);
    world.tasks.spawn("turns", [&] { return count(turns, done); });

    REQUIRE(world.until([&] { return who->ended; }));
    done = true;
    REQUIRE(world.until([&] { return world.tasks.size() == 0; }));

    CHECK(who->got.empty());
    CHECK(turns >= log.size() / (300U << 10U));
}

TEST_CASE("a log that is not there is gone", "[jobs]") {
    readers world;

    const auto opened = world.hub->open(7, raw, 0, follow::yes);
    const auto size = world.hub->size(7);

    REQUIRE(opened.has_error());
    CHECK(opened.error().code == errc::gone);
    REQUIRE(size.has_error());
    CHECK(size.error().code == errc::gone);
    CHECK(world.hub->readers() == 0);
}

TEST_CASE("readers past the limit are refused until one leaves", "[jobs]") {
    readers world({.max_readers = 2});
    world.append("a\n");
    auto first = world.hub->open(1, raw, 0, follow::yes);
    auto second = world.hub->open(1, raw, 0, follow::yes);
    REQUIRE(first.has_value());
    REQUIRE(second.has_value());

    const auto third = world.hub->open(1, raw, 0, follow::yes);
    REQUIRE(third.has_error());
    CHECK(third.error().code == errc::unavailable);
    CHECK_FALSE(third.error().hint.empty());

    first->reset();
    CHECK(world.hub->readers() == 1);
    CHECK(world.hub->open(1, raw, 0, follow::yes).has_value());
}

TEST_CASE("all readers of a log share one descriptor, closed with the last", "[jobs]") {
    readers world;
    world.append("a\n");
    const auto before = open_descriptors();
    std::vector<std::unique_ptr<log_reader>> opened;
    for (int i = 0; i < 50; ++i) {
        auto one = world.hub->open(1, i % 2 == 0 ? raw : html_info, 0, follow::yes);
        REQUIRE(one.has_value());
        opened.push_back(std::move(*one));
    }

    CHECK(open_descriptors() == before + 1);
    CHECK(world.hub->statistics().open_logs == 1);

    opened.clear();
    CHECK(open_descriptors() == before);
    CHECK(world.hub->statistics().open_logs == 0);
}

TEST_CASE("a log that retention removes is read to its end by those who have it", "[jobs]") {
    readers world;
    const auto log = some_log(50'000);
    world.append(log);
    const auto who = world.start(raw, follow::yes, 0, 1000);
    REQUIRE(world.until([&] { return who->pieces > 3; }));

    std::filesystem::remove(world.path());
    const auto late = world.hub->open(1, raw, 0, follow::no);
    const auto size = world.hub->size(1);
    world.hub->finish(1);

    REQUIRE(world.until([&] { return who->ended; }));
    CHECK(who->got == log);
    REQUIRE(late.has_error());
    CHECK(late.error().code == errc::gone);
    REQUIRE(size.has_error());
    CHECK(size.error().code == errc::gone);
}

TEST_CASE("a log that lost its end does not keep its readers", "[jobs]") {
    readers world;
    const auto log = some_log(50'000);
    world.append(log);
    const auto who = world.start(raw, follow::no, 0, 1000);
    REQUIRE(world.until([&] { return who->pieces > 3; }));

    std::filesystem::resize_file(world.path(), 20'000);

    REQUIRE(world.until([&] { return who->ended; }));
    CHECK(log.starts_with(who->got));
}

TEST_CASE("readers may begin where a line begins", "[jobs]") {
    readers world;
    const std::string log = "ab\n\ncd\nlast";
    world.append(log);
    const auto starts = [&] {
        std::vector<std::uint64_t> found;
        const auto ask_all = [&]() -> boost::asio::awaitable<void> {
            for (std::uint64_t at = 0; at < 20; ++at) {
                const auto is_one = co_await world.hub->is_line_start(1, at);
                if (is_one.value()) {
                    found.push_back(at);
                }
            }
        };
        world.tasks.spawn("ask", ask_all);
        CHECK(world.until([&] { return world.tasks.size() == 0; }));
        return found;
    };

    CHECK(starts() == std::vector<std::uint64_t>{0, 3, 4, 7});

    // From the disk too.
    const unique_fd file(::open(world.path().c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(::fdatasync(file.get()) == 0);
    REQUIRE(::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED) == 0);
    CHECK(starts() == std::vector<std::uint64_t>{0, 3, 4, 7});
}

TEST_CASE("nobody begins in a log that is not there, or where there is no seat", "[jobs]") {
    readers world({.max_readers = 0});
    std::optional<errc> why;
    const auto ask = [&]() -> boost::asio::awaitable<void> {
        const auto answer = co_await world.hub->is_line_start(1, 5);
        why = answer.error().code;
    };
    world.tasks.spawn("ask", ask);
    REQUIRE(world.until([&] { return world.tasks.size() == 0; }));

    CHECK(why == errc::gone);
}
