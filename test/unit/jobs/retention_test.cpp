#include "jobs/retention.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <random>

using namespace restpoint;
using namespace restpoint::jobs;
using std::chrono::days;
using std::chrono::hours;

namespace {

constexpr wall_time now{std::chrono::seconds{1'795'262'400}};

kept_job a_job(job_id id, job_state state, days age, std::uint64_t log_bytes = 10) {
    kept_job made;
    made.id = id;
    made.stanza = "main";
    made.state = state;
    made.ended = now - age;
    made.log_bytes = log_bytes;
    return made;
}

std::vector<job_id> ids(const std::vector<kept_job>& jobs) {
    std::vector<job_id> all;
    for (const auto& one : jobs) {
        all.push_back(one.id);
    }
    return all;
}

std::uint64_t bytes_of(const std::vector<kept_job>& jobs) {
    return std::accumulate(
        jobs.begin(), jobs.end(), std::uint64_t{0},
        [](std::uint64_t sum, const kept_job& one) { return sum + one.log_bytes; });
}

using id_list = std::vector<job_id>;

} // namespace

TEST_CASE("the newest success, failure and interruption of each kind stay", "[unit][jobs]") {
    auto check = a_job(3, job_state::succeeded, days{1});
    check.kind = job_kind::check;
    auto other = a_job(4, job_state::failed, days{1});
    other.stanza = "other";
    const std::vector jobs{
        a_job(9, job_state::failed, days{1}),
        a_job(1, job_state::succeeded, days{1}),
        a_job(2, job_state::succeeded, days{1}),
        check,
        other,
        a_job(5, job_state::failed, days{1}),
        a_job(6, job_state::interrupted, days{1}),
        a_job(7, job_state::cancelled, days{1}),
        a_job(8, job_state::running, days{1}),
        a_job(10, job_state::queued, days{1})};

    CHECK(always_kept(jobs) == std::set<job_id>{2, 3, 4, 6, 9});
    CHECK(always_kept({}).empty());
}

TEST_CASE("jobs go when they ended before the time to keep them", "[unit][jobs]") {
    const retention_policy policy{days{30}, 0};
    const auto since = kept_since(policy, now);
    auto on_the_edge = a_job(4, job_state::failed, days{30});
    auto just_past = a_job(5, job_state::cancelled, days{30});
    just_past.ended -= std::chrono::microseconds{1};
    const std::vector jobs{
        a_job(1, job_state::succeeded, days{31}), a_job(2, job_state::failed, days{31}),
        a_job(3, job_state::succeeded, days{29}), on_the_edge, just_past};

    CHECK(ids(jobs_to_remove(jobs, {}, since)) == id_list{1, 2, 5});
    CHECK(ids(jobs_to_remove(jobs, {2, 3}, since)) == id_list{1, 5});
}

TEST_CASE("what is not final goes neither by age nor by bytes", "[unit][jobs]") {
    const auto state = GENERATE(job_state::queued, job_state::running);
    const std::vector jobs{a_job(1, state, days{1000}, 1'000'000)};

    CHECK(jobs_to_remove(jobs, {}, now).empty());
    CHECK(logs_to_remove(jobs, {}, 1).empty());
}

TEST_CASE("the oldest logs go until enough is freed", "[unit][jobs]") {
    const std::vector jobs{
        a_job(1, job_state::succeeded, days{9}, 100), a_job(2, job_state::failed, days{8}, 0),
        a_job(3, job_state::cancelled, days{7}, 50), a_job(4, job_state::succeeded, days{6}, 200)};
    const auto [excess, expected] = GENERATE(table<std::uint64_t, id_list>({
        {0, {}},
        {1, {1}},
        {100, {1}},
        {101, {1, 3}},
        {151, {1, 3, 4}},
        {100'000, {1, 3, 4}},
    }));
    CAPTURE(excess);

    CHECK(ids(logs_to_remove(jobs, {}, excess)) == expected);
}

TEST_CASE("a log that always stays is passed over", "[unit][jobs]") {
    const std::vector jobs{
        a_job(1, job_state::succeeded, days{9}, 100), a_job(2, job_state::failed, days{8}, 100),
        a_job(3, job_state::failed, days{7}, 100)};

    CHECK(ids(logs_to_remove(jobs, {1}, 50)) == id_list{2});
    CHECK(logs_to_remove(jobs, {1, 2, 3}, 50).empty());
}

TEST_CASE("a batch is bounded by its jobs and its bytes, and never empty", "[unit][jobs]") {
    constexpr std::uint64_t mib = 1U << 20U;
    const std::vector<kept_job> small(300, a_job(1, job_state::failed, days{1}, 10));
    const std::vector<kept_job> middle(200, a_job(1, job_state::failed, days{1}, 20 * mib));
    const std::vector<kept_job> large(
        3, a_job(1, job_state::failed, days{1}, std::numeric_limits<std::uint64_t>::max()));

    CHECK(next_batch(small).size() == 256);
    CHECK(next_batch(std::span(small).first(3)).size() == 3);
    CHECK(next_batch(middle).size() == 3);
    CHECK(next_batch(large).size() == 1);
    CHECK(next_batch({}).empty());
}

TEST_CASE("a log that is gone is told with what took it, where that is known", "[unit][jobs]") {
    job what;
    what.id = 12;

    const auto unknown = removed_log(what);
    what.log_removed = now;
    const auto retention = removed_log(what);

    CHECK(unknown.code == errc::gone);
    CHECK_THAT(unknown.detail, ContainsSubstring("job 12"));
    CHECK(retention.code == errc::gone);
    CHECK_THAT(retention.detail, ContainsSubstring("removed by retention at " + rfc3339(now)));
    CHECK_THAT(retention.hint, ContainsSubstring("keep_log_bytes"));
}

// --- What holds for any jobs and any policy -----------------------------------------------------

namespace {

struct world {
    std::vector<kept_job> jobs; ///< by id
    retention_policy policy;
};

world some_world(unsigned seed) {
    std::mt19937 random(seed);
    const auto up_to = [&](int most) {
        return std::uniform_int_distribution<int>(0, most)(random);
    };
    world made;
    made.policy.keep_jobs = days{1 + up_to(60)};
    made.policy.keep_log_bytes = static_cast<std::uint64_t>(up_to(5000));
    const int count = up_to(120);
    for (job_id id = 1; id <= count; ++id) {
        auto one = a_job(
            id, static_cast<job_state>(up_to(5)), days{up_to(100)},
            static_cast<std::uint64_t>(up_to(200)));
        one.kind = static_cast<job_kind>(up_to(4));
        one.stanza = up_to(1) == 0 ? "main" : "other";
        made.jobs.push_back(one);
    }
    return made;
}

struct aftermath {
    std::vector<kept_job> removed; ///< rows and logs
    std::vector<kept_job> logs;    ///< removed, the rows stay
    std::vector<kept_job> left;    ///< with the bytes of the logs that are left
    std::set<job_id> always;
};

/// A round as the housekeeper does it: pages of some jobs, decided one by one.
aftermath after_a_round(const world& before, std::size_t page_size) {
    aftermath after;
    after.left = before.jobs;
    after.always = always_kept(before.jobs);
    const auto take = [&](std::size_t from) {
        const auto rest = std::span(after.left).subspan(std::min(from, after.left.size()));
        return std::vector(
            rest.begin(),
            rest.begin() + static_cast<std::ptrdiff_t>(std::min(page_size, rest.size())));
    };
    const auto since = kept_since(before.policy, now);
    std::vector<kept_job> kept;
    for (std::size_t at = 0; at < before.jobs.size(); at += page_size) {
        const auto page = take(at);
        const auto go = jobs_to_remove(page, after.always, since);
        after.removed.insert(after.removed.end(), go.begin(), go.end());
        std::ranges::copy_if(page, std::back_inserter(kept), [&](const kept_job& one) {
            return std::ranges::find(go, one) == go.end();
        });
    }
    after.left = kept;
    for (std::size_t at = 0; at < kept.size(); at += page_size) {
        const auto total = bytes_of(after.left);
        const auto most = before.policy.keep_log_bytes;
        const auto go = logs_to_remove(take(at), after.always, total > most ? total - most : 0);
        after.logs.insert(after.logs.end(), go.begin(), go.end());
        for (const auto& one : go) {
            std::ranges::find(after.left, one.id, &kept_job::id)->log_bytes = 0;
        }
    }
    return after;
}

} // namespace

TEST_CASE("whatever the jobs, retention takes what it should and nothing else", "[unit][jobs]") {
    for (unsigned seed = 0; seed < 1500; ++seed) {
        const auto before = some_world(seed);
        const auto after = after_a_round(before, 1 + seed % 40);
        CAPTURE(seed, before.policy.keep_jobs.count(), before.policy.keep_log_bytes);
        std::map<std::tuple<std::string, job_kind, bool>, kept_job> newest;
        for (const auto& one : before.jobs) {
            if (one.state == job_state::succeeded || one.state == job_state::failed) {
                newest[{one.stanza, one.kind, one.state == job_state::succeeded}] = one;
            }
        }

        // The newest success and failure of each stanza and kind are as they were.
        const auto is_left = [&](const auto& entry) {
            return std::ranges::find(after.left, entry.second) != after.left.end();
        };
        REQUIRE(std::ranges::all_of(newest, is_left));

        // Only what is final is touched, and rows only when they are old.
        const auto since = now - before.policy.keep_jobs;
        const auto may_go = [&](const kept_job& one) { return is_final(one.state); };
        REQUIRE(std::ranges::all_of(after.removed, may_go));
        REQUIRE(std::ranges::all_of(after.logs, may_go));
        REQUIRE(std::ranges::all_of(
            after.removed, [&](const kept_job& one) { return one.ended < since; }));

        // What is old and may go is gone.
        REQUIRE(std::ranges::none_of(after.left, [&](const kept_job& one) {
            return is_final(one.state) && one.ended < since && !after.always.contains(one.id);
        }));

        // The bound on bytes holds, unless nothing is left that may go.
        const bool nothing_left = std::ranges::none_of(after.left, [&](const kept_job& one) {
            return is_final(one.state) && one.log_bytes > 0 && !after.always.contains(one.id);
        });
        REQUIRE((bytes_of(after.left) <= before.policy.keep_log_bytes || nothing_left));

        // No log went that did not have to, and the oldest went first.
        if (!after.logs.empty()) {
            const auto last = after.logs.back();
            REQUIRE(bytes_of(after.left) + last.log_bytes > before.policy.keep_log_bytes);
            REQUIRE(std::ranges::none_of(after.left, [&](const kept_job& one) {
                return is_final(one.state) && one.log_bytes > 0 && one.id < last.id &&
                       !after.always.contains(one.id);
            }));
        }
    }
}
