// Every order of puts, stamps and listings of two and three machines, within a model in whole ticks:
// a put takes effect, and is stamped, at any moment between its begin and its end. The rules are
// those of slot_claim.cpp.
#include "schedule/slot_claim.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <array>
#include <tuple>

using namespace restpoint;
using namespace restpoint::schedule;

namespace {

constexpr int granule = 2; // of the store's clock, in ticks
constexpr int put_limit = 2;
constexpr int settling = put_limit + granule;

struct attempt {
    int begin = 0;
    int end = 0;
    int stamp = 0;   ///< when the store looks at its clock
    int visible = 0; ///< in listings from then on
    int listing = 0; ///< when it is asked for
    std::string nonce = {};
    std::vector<std::string> earlier = {}; ///< of the same machine
    int withdrawal = never;                ///< visible from then on
    bool crashes = false;                  ///< before it has listed

    static constexpr int never = 1000;

    [[nodiscard]] bool is_slow() const { return end - begin > put_limit; }
};

/// What a listing at this moment tells.
std::vector<slot_claim> listed(const std::vector<attempt>& all, int now) {
    std::vector<slot_claim> claims;
    for (const auto& one : all) {
        if (one.visible <= now) {
            claims.push_back(
                {wall_time{}, one.nonce, one.nonce, one.withdrawal <= now, one.stamp / granule});
        }
    }
    std::ranges::sort(
        claims, {}, [](const slot_claim& one) { return std::tie(one.time, one.nonce); });
    return claims;
}

/// The nonces of those who take the slot. Whoever does not withdraws `politeness` ticks later.
std::vector<std::string> winners(std::vector<attempt> all, int politeness) {
    std::ranges::sort(all, {}, &attempt::listing);
    std::vector<std::string> won;
    for (auto& one : all) {
        if (one.crashes) {
            continue;
        }
        const auto verdict = judge(listed(all, one.listing), one.nonce, one.earlier).verdict;
        if (!one.is_slow() && verdict == slot_verdict::ours) {
            won.push_back(one.nonce);
        } else {
            one.withdrawal = one.listing + politeness;
        }
    }
    return won;
}

enum class detail {
    every_tick,
    ends_only ///< what happens within a put happens at its begin or at its end
};

/// All ways in which puts that begin then can go.
std::vector<attempt> ways(
    const std::vector<int>& begins, const std::string& nonce, int wait, detail how) {
    std::vector<attempt> all;
    for (const int begin : begins) {
        for (int took = 0; took <= put_limit + 1; ++took) {
            const int end = begin + took;
            const int step = how == detail::ends_only ? std::max(took, 1) : 1;
            for (int stamp = begin; stamp <= end; stamp += step) {
                for (int visible = begin; visible <= end; visible += step) {
                    all.push_back({begin, end, stamp, visible, end + wait, nonce});
                }
            }
        }
    }
    return all;
}

struct tally {
    int none = 0;
    int one = 0;
    int more = 0;
    int lost_without_reason = 0; ///< nobody was slow, and nobody has it
};

std::vector<std::string> count(
    tally& so_far, const std::vector<attempt>& all, int politeness = attempt::never) {
    auto won = winners(all, politeness);
    ++(won.empty() ? so_far.none : won.size() == 1 ? so_far.one : so_far.more);
    if (won.empty() && std::ranges::none_of(all, [](const auto& a) { return a.is_slow(); })) {
        ++so_far.lost_without_reason;
    }
    return won;
}

tally two_machines(int wait) {
    tally found;
    for (const auto* other : {"0", "2"}) {
        const auto late =
            ways({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, other, wait, detail::every_tick);
        for (const auto& first : ways({0, 1}, "1", wait, detail::every_tick)) {
            for (const auto& second : late) {
                count(found, {first, second});
            }
        }
    }
    return found;
}

} // namespace

TEST_CASE("of two machines never both take a slot, and one if none is slow", "[unit][schedule]") {
    const auto found = two_machines(settling);

    CHECK(found.more == 0);
    CHECK(found.lost_without_reason == 0);
    CHECK(found.one > 10000);
    CHECK(found.none > 0); // a slow one in front
}

TEST_CASE("the model finds two winners where the wait is too short", "[unit][schedule]") {
    CHECK(two_machines(put_limit).more > 0);
}

TEST_CASE("of three machines never two take a slot, and one if none is slow", "[unit][schedule]") {
    tally found;
    const std::array<std::array<const char*, 3>, 2> orders{{{"1", "2", "3"}, {"3", "1", "2"}}};
    for (const auto& names : orders) {
        const auto firsts = ways({0}, names[0], settling, detail::ends_only);
        const auto seconds = ways({0, 1, 2, 3, 4, 6}, names[1], settling, detail::ends_only);
        const auto thirds = ways({0, 1, 2, 3, 5, 7}, names[2], settling, detail::ends_only);
        for (const auto& first : firsts) {
            for (const auto& second : seconds) {
                for (const auto& third : thirds) {
                    count(found, {first, second, third});
                }
            }
        }
    }

    CHECK(found.more == 0);
    CHECK(found.lost_without_reason == 0);
    CHECK(found.one > 10000);
}

TEST_CASE("a machine that dies after its claim and comes back is no second", "[unit][schedule]") {
    tally found;
    int taken_up = 0;
    for (const auto* other : {"0", "3"}) {
        const auto rivals = ways({0, 2, 4, 6, 8}, other, settling, detail::ends_only);
        for (auto first : ways({0}, "1", settling, detail::ends_only)) {
            first.crashes = true;
            for (auto again : ways({1, 4, 7, 10}, "2", settling, detail::ends_only)) {
                again.earlier = {"1"};
                for (const auto& rival : rivals) {
                    for (const int politeness : {0, attempt::never}) {
                        const auto won = count(found, {first, again, rival}, politeness);
                        const bool rival_was_first = rival.stamp / granule < again.stamp / granule;
                        taken_up += rival_was_first && won == std::vector<std::string>{"2"} ? 1 : 0;
                    }
                }
            }
        }
    }

    CHECK(found.more == 0);
    CHECK(taken_up > 0); // the rival had left it to the first claim, and withdrawn
}
