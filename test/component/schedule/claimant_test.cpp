// Claimants over a repo in memory, whose clock, order and trouble the test sets.
#include "component/jobs/service_fixture.hpp"
#include "schedule/claimant.hpp"
#include "support/standard_error.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <map>

using namespace restpoint;
using namespace restpoint::schedule;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

const wall_time due = parse_rfc3339("2026-11-23T02:10:00Z").value();
const std::string slot = "20261123T021000Z_";

/// What several machines share.
struct shared_repo {
    std::map<std::string, std::int64_t> files = {}; ///< path → stamp
    std::int64_t clock = std::chrono::floor<std::chrono::seconds>(due).time_since_epoch().count();
    std::optional<failure> trouble = {};
    int puts_left = 1000;  ///< then it is in trouble
    int lists_left = 1000; ///< as above
    std::vector<std::string> removed = {};

    [[nodiscard]] std::vector<backrest::repo_entry> below(const std::string& folder) const {
        std::map<std::string, backrest::repo_entry> found;
        for (const auto& [path, stamp] : files) {
            if (path.starts_with(folder + '/')) {
                const auto rest = path.substr(folder.size() + 1);
                const auto name = rest.substr(0, rest.find('/'));
                const bool is_folder = rest.find('/') != rest.npos;
                found[name] = {name, is_folder, is_folder ? 0 : stamp};
            }
        }
        std::vector<backrest::repo_entry> entries;
        for (auto& [name, entry] : found) {
            entries.push_back(std::move(entry));
        }
        return entries;
    }
    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (const auto& [path, stamp] : files) {
            all.push_back(path.substr(path.rfind('/') + 1));
        }
        return all;
    }
};

const failure down{errc::unavailable, "pgbackrest repo-put failed: no route to host"};

asio::awaitable<result<>> put_into(shared_repo& repo, std::string path) {
    if (--repo.puts_left < 0) {
        co_return down;
    }
    repo.files.emplace(std::move(path), repo.clock);
    co_return result<>{};
}

asio::awaitable<result<std::vector<backrest::repo_entry>>> list_of(
    shared_repo& repo, std::string folder) {
    if (--repo.lists_left < 0) {
        co_return down;
    }
    auto seen = repo.below(folder);
    co_await asio::post(asio::use_awaitable); // others have their turn
    co_return seen;
}

asio::awaitable<result<>> remove_from(shared_repo& repo, std::string folder) {
    repo.removed.push_back(folder);
    co_return result<>{};
}

struct machine_under_test {
    machine_under_test(shared_repo& repo, std::string name, std::filesystem::path notes)
        : claimant(access(repo), options(std::move(name), std::move(notes))) {}

    static repo_access access(shared_repo& repo) {
        repo_access made;
        made.put = [&repo](std::string path, std::string, std::chrono::milliseconds) {
            return put_into(repo, std::move(path));
        };
        made.list = [&repo](std::string folder) { return list_of(repo, std::move(folder)); };
        made.remove = [&repo](std::string folder) { return remove_from(repo, std::move(folder)); };
        return made;
    }
    claimant_options options(std::string name, std::filesystem::path notes) {
        claimant_options made;
        made.stanza = "main";
        made.machine = name;
        made.notes = std::move(notes);
        made.times = {50ms, 1ms};
        made.nonce = [this, name] { return name + std::to_string(++attempts); };
        made.uptime = [this] { return uptime += put_takes; };
        return made;
    }

    int attempts = 0;
    std::chrono::milliseconds uptime{0};
    std::chrono::milliseconds put_takes{1}; ///< between two looks at it
    schedule::claimant claimant;
};

struct scene {
    jobs::test::temporary_folder home = {};
    jobs::test::hand_driven_loop loop = {};
    shared_repo repo = {};

    machine_under_test machine(const std::string& name) { return {repo, name, home.path() / name}; }
    claim_answer claim(machine_under_test& by, wall_time when = due) {
        return loop.get("a claim", by.claimant.claim("nightly", when));
    }
};

} // namespace

TEST_CASE("the only machine has the slot", "[component][schedule]") {
    scene now;
    auto a = now.machine("a");

    const auto answer = now.claim(a);

    CHECK(answer.outcome == claim_outcome::ours);
    CHECK(answer.machine == "a");
    CHECK(now.loop.get("a look", a.claimant.claimed("nightly", due)).value() == "a");
    CHECK_FALSE(now.loop.get("a look", a.claimant.claimed("nightly", due + 1min)).value());
    now.repo.lists_left = 0;
    CHECK_FALSE(now.loop.get("a look", a.claimant.claimed("nightly", due)));
    CHECK(now.repo.files.size() == 1);
    CHECK(now.repo.files.contains("restpoint/main/slots/nightly/2026-11-23/" + slot + "a_a1"));
}

TEST_CASE("a machine that comes later leaves the slot without a claim", "[component][schedule]") {
    scene now;
    auto a = now.machine("a");
    auto b = now.machine("b");

    now.claim(a);
    const auto answer = now.claim(b);

    CHECK(answer.outcome == claim_outcome::theirs);
    CHECK(answer.machine == "a");
    CHECK(now.repo.files.size() == 1);
}

TEST_CASE(
    "of two machines at once one has the slot, and the other withdraws", "[component][schedule]") {
    scene now;
    auto a = now.machine("a");
    auto b = now.machine("b");

    const auto as = now.loop.start(a.claimant.claim("nightly", due));
    const auto bs = now.loop.start(b.claimant.claim("nightly", due));
    now.loop.until("both know", [&] { return as->ended() && bs->ended(); });

    CHECK(as->value.value().outcome == claim_outcome::ours);
    CHECK(bs->value.value().outcome == claim_outcome::theirs);
    CHECK(bs->value.value().machine == "a");
    CHECK(
        now.repo.names() ==
        std::vector<std::string>{slot + "a_a1", slot + "b_b1", slot + "b_b1_left"});
}

TEST_CASE("each slot of a schedule is claimed by itself", "[component][schedule]") {
    scene now;
    auto a = now.machine("a");
    auto b = now.machine("b");

    CHECK(now.claim(a).outcome == claim_outcome::ours);
    now.repo.clock += 60;
    CHECK(now.claim(b, due + 1min).outcome == claim_outcome::ours);
}

TEST_CASE(
    "a machine that comes back goes on with the slot it had claimed", "[component][schedule]") {
    scene now;
    auto first_life = now.machine("a");
    auto second_life = now.machine("a");
    second_life.attempts = 1;
    auto copy = now.machine("b"); // whatever it is called: it does not know the first claim

    CHECK(now.claim(first_life).outcome == claim_outcome::ours);

    CHECK(now.claim(copy).outcome == claim_outcome::theirs);
    CHECK(now.claim(second_life).outcome == claim_outcome::ours);
    CHECK(now.claim(second_life, due + 1h).outcome == claim_outcome::open); // not due yet
    CHECK(now.claim(second_life).outcome == claim_outcome::theirs); // another slot was noted since
}

TEST_CASE("a repo that takes too long leaves the slot open", "[component][schedule]") {
    const restpoint::test::standard_error heard;
    scene now;
    auto a = now.machine("a");
    a.put_takes = 51ms;

    const auto answer = now.claim(a);

    CHECK(answer.outcome == claim_outcome::open);
    CHECK_THAT(answer.why, ContainsSubstring("51 ms"));
    CHECK(now.repo.files.size() == 2); // withdrawn
    a.put_takes = 50ms;
    CHECK(now.claim(a).outcome == claim_outcome::ours);
}

TEST_CASE("a repo in trouble leaves the slot open, and says why", "[component][schedule]") {
    const restpoint::test::standard_error heard;
    scene now;
    auto a = now.machine("a");
    SECTION("at the first look") {
        now.repo.lists_left = 0;
    }
    SECTION("at the put") {
        now.repo.puts_left = 0;
    }
    SECTION("at the second look") {
        now.repo.lists_left = 1;
    }

    const auto answer = now.claim(a);

    CHECK(answer.outcome == claim_outcome::open);
    CHECK_THAT(answer.why, ContainsSubstring("no route to host"));
    now.repo.lists_left = now.repo.puts_left = 1000;
    CHECK(now.claim(a).outcome == claim_outcome::ours);
}

TEST_CASE("a claim that the repo does not list is none", "[component][schedule]") {
    scene now;
    auto a = now.machine("a");
    now.repo.clock -= 3600;
    const auto early = now.claim(a);
    CHECK(early.outcome == claim_outcome::open);
    CHECK_THAT(early.why, ContainsSubstring("not due yet by the clock of the repo"));

    now.repo.clock += 3600 + 61 * 86400;
    const auto late = now.claim(a);
    CHECK(late.outcome == claim_outcome::barred);
    CHECK_THAT(late.why, ContainsSubstring("more than 60 days ago"));

    now.repo.files.clear();
    const auto task = now.loop.start(a.claimant.claim("nightly", due));
    now.loop.until("it is put", [&] { return !now.repo.files.empty(); });
    now.repo.files.clear();
    now.loop.until("it is known", [&] { return task->ended(); });
    CHECK_THAT(task->value.value().why, ContainsSubstring("does not list"));
}

TEST_CASE("without a note of it nothing is claimed", "[component][schedule]") {
    scene now;
    auto a = now.machine("a");
    std::filesystem::create_directories(now.home.path() / "a/nightly");

    const auto answer = now.claim(a);

    CHECK(answer.outcome == claim_outcome::open);
    CHECK_FALSE(answer.why.empty());
    CHECK(now.repo.files.empty());
}

TEST_CASE("claims of long ago are cleared away by who wins", "[component][schedule]") {
    scene now;
    auto a = now.machine("a");
    const std::string folder = "restpoint/main/slots/nightly/";
    now.repo.files = {{folder + "2026-08-01/x", 1}, {folder + "2026-11-22/x", 1}};

    CHECK(now.claim(a).outcome == claim_outcome::ours);

    CHECK(now.repo.removed == std::vector<std::string>{folder + "2026-08-01"});
}
