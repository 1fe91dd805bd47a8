// Years of every expression in a list, and of random ones, against a walk over every minute.
#include "expressions.hpp"
#include "random_expression.hpp"
#include "schedule/occurrences.hpp"
#include "simulation.hpp"
#include "support/catch.hpp"

#include <array>
#include <set>

using namespace restpoint;
using namespace restpoint::schedule;
using namespace restpoint::schedule::test;
using namespace std::chrono;

namespace {

/// Apia left out a day, Lord Howe moves by half an hour, St John's moved a minute after midnight
/// and Sao Paulo and Tehran at it, Casablanca four times in many years.
constexpr std::array zones{
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Australia/Sydney",
    "America/St_Johns"};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool slow = true;
#elif defined(__has_feature)
constexpr bool slow = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool slow = false;
#endif

/// Sanitizers look for other mistakes, and find them in two years that hold all kinds of changes.
constexpr minute_time from = slow ? sys_days{2011y / 7 / 1} : sys_days{2010y / 1 / 1};
constexpr minute_time to = slow ? sys_days{2013y / 7 / 1} : sys_days{2020y / 1 / 1};
constexpr auto whole_years = static_cast<std::uint64_t>((to - from) / days{365});

} // namespace

TEST_CASE("the expressions that are simulated are 200 different ones", "[schedule]") {
    std::set<std::string_view> all(expressions.begin(), expressions.end());

    CHECK(all.size() == 200);
    CHECK_FALSE(all.contains(""));
}

TEST_CASE("ten years of every expression in every zone agree with a minute walk", "[schedule]") {
    for (const auto* zone : zones) {
        const auto made = simulate(expressions, zone, from, to);

        CAPTURE(zone, made.runs);
        for (const auto& difference : made.differences) {
            UNSCOPED_INFO(difference);
        }
        CHECK(made.differences.empty());
        CHECK(made.runs > 800'000 * whole_years);
    }
}

TEST_CASE("two years of random expressions agree with a minute walk", "[schedule]") {
    const auto seed = a_seed();
    std::mt19937_64 random(seed);
    const auto texts = random_expressions(random, slow ? 60 : 250);
    const std::vector<std::string_view> some(texts.begin(), texts.end());
    const auto* const zone = zones.at(random() % zones.size());
    const auto begin = minute_time{sys_days{2010y / 7 / 1}} + days{365 * (random() % 8)};

    const auto made = simulate(some, zone, begin, begin + days{2 * 365});

    INFO("RESTPOINT_TEST_SEED=" << seed);
    for (const auto& difference : made.differences) {
        UNSCOPED_INFO(difference);
    }
    CHECK(made.differences.empty());
    CHECK(made.runs > 0);
}
