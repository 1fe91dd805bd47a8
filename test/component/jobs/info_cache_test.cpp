// The cached, single-flight info, asked of a stand-in for pgbackrest that answers, hangs or fails
// as the test says.
#include "jobs/info_cache.hpp"
#include "process/process_list.hpp"
#include "service_fixture.hpp"

#include <unistd.h>

using namespace restpoint;
using namespace restpoint::jobs;
using namespace restpoint::jobs::test;

namespace {

using answer = result<std::shared_ptr<const info_answer>>;

/// An info_cache over a pgbackrest that hangs while "hang" and fails while "fail" is in the folder.
class asked {
  public:
    explicit asked(info_options options = patient()) {
        std::ofstream script(folder_.path() / "pgbackrest");
        script << "#!/bin/sh\n"
                  "[ -e \"$HOME/fail\" ] && export FAKE_PGBACKREST_MODE=info-fails\n"
                  "[ -e \"$HOME/hang\" ] && export FAKE_PGBACKREST_MODE=hung-info\n"
                  "exec " RESTPOINT_FAKE_PGBACKREST " \"$@\"\n";
        script.close();
        std::filesystem::permissions(
            folder_.path() / "pgbackrest", std::filesystem::perms::owner_all);
        options.binary = folder_.path() / "pgbackrest";
        options.stanza = "main";
        options.environment = {
            "PATH=/usr/bin:/bin", "HOME=" + folder_.path().native(),
            "FAKE_ARGV=" + (folder_.path() / "argv").native(),
            "FAKE_GATE=" + (folder_.path() / "gate").native()};
        cache.emplace(loop.executor(), options);
    }
    asked(const asked&) = delete;
    asked& operator=(const asked&) = delete;
    ~asked() {
        try {
            loop.finish("the cache stops", cache->stop());
        } catch (const std::exception& e) {
            WARN(e.what());
        }
    }

    /// So that nothing expires by itself.
    static info_options patient() {
        info_options options;
        options.fresh_for = std::chrono::hours{1};
        options.patience = std::chrono::minutes{1};
        return options;
    }
    /// So that an older answer is given while a newer one hangs.
    static info_options hurried() {
        auto options = patient();
        options.patience = std::chrono::milliseconds{100};
        return options;
    }

    void put(const std::string& name) const { std::ofstream(folder_.path() / name) << "x"; }
    void take(const std::string& name) const { std::filesystem::remove(folder_.path() / name); }
    answer get() { return loop.get("an answer", cache->get()); }

    /// How often pgbackrest was called: twice for an answer, once for its text and once for JSON.
    [[nodiscard]] std::size_t calls() const { return lines_of(folder_.path() / "argv").size(); }
    void await_calls(std::size_t n) {
        loop.until("pgbackrest is called", [&] { return calls() >= n; });
    }

    hand_driven_loop loop;
    std::optional<info_cache> cache;

  private:
    temporary_folder folder_;
};

} // namespace

TEST_CASE("ten who ask at once share one pgbackrest", "[component][jobs]") {
    asked of;
    std::vector<std::shared_ptr<hand_driven_loop::pending<answer>>> all;
    for (int i = 0; i < 10; ++i) {
        all.push_back(of.loop.start(of.cache->get()));
    }
    const auto answered = [](const auto& one) { return one->ended(); };
    of.loop.until("all are answered", [&] { return std::ranges::all_of(all, answered); });

    for (const auto& one : all) {
        REQUIRE(one->value);
        REQUIRE(*one->value);
        CHECK_FALSE((**one->value)->stale);
        CHECK_THAT((**one->value)->text, ContainsSubstring("stanza: main"));
        REQUIRE((**one->value)->stanzas.size() == 1);
        CHECK((**one->value)->stanzas[0].name == "main");
    }
    CHECK(of.calls() == 2);
}

TEST_CASE("an answer serves until it is dropped", "[component][jobs]") {
    asked of;
    const auto first = of.get();
    REQUIRE(first);
    CHECK(of.get().value() == *first);
    CHECK(of.calls() == 2);

    of.cache->drop();

    const auto second = of.get();
    REQUIRE(second);
    CHECK(*second != *first);
    CHECK_FALSE((*second)->stale);
    CHECK(of.calls() == 4);
}

TEST_CASE("an answer that is past its time is asked for again", "[component][jobs]") {
    auto options = asked::patient();
    options.fresh_for = std::chrono::milliseconds{0};
    asked of(options);
    REQUIRE(of.get());

    const auto second = of.get();

    REQUIRE(second);
    CHECK_FALSE((*second)->stale);
    CHECK(of.calls() == 4);
}

TEST_CASE("a hung info gives the older answer, marked stale", "[component][jobs]") {
    asked of(asked::hurried());
    const auto older = of.get();
    REQUIRE(older);
    of.put("hang");
    of.cache->drop();

    const auto meanwhile = of.get();

    REQUIRE(meanwhile);
    CHECK((*meanwhile)->stale);
    CHECK((*meanwhile)->taken == (*older)->taken);
    CHECK((*meanwhile)->text == (*older)->text);
    REQUIRE(of.get().value()->stale); // joins the flight that hangs
    of.await_calls(4);
    of.put("gate");
    of.loop.until("a fresh answer", [&] { return !of.get().value()->stale; });
    CHECK(of.calls() == 4);
}

TEST_CASE("a failing info gives the failure, or the older answer", "[component][jobs]") {
    asked of;
    of.put("fail");

    const auto none = of.get();

    REQUIRE_FALSE(none);
    CHECK(none.error().code == errc::unavailable);
    CHECK_THAT(none.error().detail, ContainsSubstring("[055]"));
    CHECK_FALSE(none.error().hint.empty());
    of.take("fail");
    REQUIRE(of.get()); // a failure is not kept
    of.put("fail");
    of.cache->drop();
    const auto older = of.get();
    REQUIRE(older);
    CHECK((*older)->stale);
}

TEST_CASE(
    "a flight that began before the drop does not serve who asks behind it", "[component][jobs]") {
    asked of;
    of.put("hang");
    const auto early = of.loop.start(of.cache->get());
    of.await_calls(2);
    of.cache->drop();
    const auto late = of.loop.start(of.cache->get());

    of.put("gate");
    of.loop.until("both are answered", [&] { return early->ended() && late->ended(); });

    REQUIRE(late->value);
    REQUIRE(*late->value);
    CHECK_FALSE((**late->value)->stale);
    CHECK(of.calls() == 4);
}

TEST_CASE("an info that takes too long is ended and fails", "[component][jobs]") {
    auto options = asked::patient();
    options.deadline = std::chrono::milliseconds{300};
    asked of(options);
    of.put("hang");

    const auto none = of.get();

    REQUIRE_FALSE(none);
    CHECK_FALSE(none.error().detail.empty());
    CHECK(process::children_of(::getpid()).empty());
}

TEST_CASE("stop ends an info that hangs, and who waits for it is told", "[component][jobs]") {
    asked of;
    of.put("hang");
    const auto waiting = of.loop.start(of.cache->get());
    of.await_calls(2);
    REQUIRE_FALSE(waiting->ended());

    of.loop.finish("the cache stops", of.cache->stop());

    of.loop.until("who waits is told", [&] { return waiting->ended(); });
    REQUIRE(waiting->value);
    CHECK_FALSE(*waiting->value);
    of.loop.until("no pgbackrest is left", [] { return process::children_of(::getpid()).empty(); });
    const auto after = of.get();
    REQUIRE_FALSE(after);
    CHECK(after.error().code == errc::unavailable);
    CHECK(of.calls() == 2);
}
