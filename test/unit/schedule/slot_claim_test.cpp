// Names and rules of claims; that the rules hold whatever happens when is in
// slot_claim_model_test.cpp.
#include "schedule/slot_claim.hpp"
#include "support/catch.hpp"

using namespace restpoint;
using namespace restpoint::schedule;
using namespace std::chrono_literals;

namespace {

const wall_time due = parse_rfc3339("2026-11-23T02:10:00Z").value();

std::int64_t seconds_of(wall_time t) {
    return std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
}

slot_claim a_claim(const char* machine, const char* nonce, std::chrono::seconds after = 1s) {
    return {due, machine, nonce, false, seconds_of(due + after)};
}

backrest::repo_entry entry_of(const slot_claim& what) {
    return {file_of(what), false, what.time};
}

const std::vector<std::string> none;

} // namespace

TEST_CASE("a host's name becomes a machine's", "[unit][schedule]") {
    CHECK(machine_of("db-1.example.org") == "db-1.example.org");
    CHECK(machine_of("db_1/..\n\xC3\xA4") == "db-1-..---");
    CHECK(machine_of("") == "unnamed");
    CHECK(machine_of(std::string(300, 'x')) == std::string(64, 'x'));
}

TEST_CASE("claims lie in a folder for each day of their due times", "[unit][schedule]") {
    CHECK(claims_path("main", "nightly") == "restpoint/main/slots/nightly");
    CHECK(day_of(due) == "2026-11-23");
    CHECK(file_of(a_claim("db-1", "0a")) == "20261123T021000Z_db-1_0a");
    auto left = a_claim("db-1", "0a");
    left.withdrawn = true;
    CHECK(file_of(left) == "20261123T021000Z_db-1_0a_left");
}

TEST_CASE("the claims of a slot are read from its day, the foremost first", "[unit][schedule]") {
    auto withdrawn = a_claim("c", "03", 3s);
    withdrawn.withdrawn = true;
    auto other_slot = a_claim("d", "04");
    other_slot.due += 1min;
    std::vector<backrest::repo_entry> day{
        entry_of(a_claim("b", "02", 2s)),
        entry_of(a_claim("c", "03", 3s)),
        entry_of(withdrawn),
        entry_of(other_slot),
        entry_of(a_claim("a", "05", 2s)),
        {"20261123T021000Z", false, 1},
        {"20261123T021000Z_x", false, 1},
        {"20261123T021000Z_f_06", true, 1}};

    CHECK(
        claims_in(day, due) ==
        std::vector<slot_claim>{a_claim("b", "02", 2s), a_claim("a", "05", 2s), withdrawn});
}

TEST_CASE("who sees another's claim leaves the slot to it", "[unit][schedule]") {
    const auto ours = a_claim("a", "01");
    const auto theirs = a_claim("b", "02");
    auto left = theirs;
    left.withdrawn = true;
    auto early = theirs;
    early.time = seconds_of(due - 6min);

    CHECK(claimed_by(std::vector{ours, theirs}, std::vector<std::string>{"01"}) == "b");
    CHECK(claimed_by(std::vector{ours}, none) == "a"); // of a copy of this machine, say
    CHECK_FALSE(claimed_by(std::vector{ours}, std::vector<std::string>{"01"}));
    CHECK_FALSE(claimed_by(std::vector{left}, none));
    CHECK_FALSE(claimed_by(std::vector{early}, none));
    CHECK_FALSE(claimed_by(std::vector<slot_claim>{}, none));
}

TEST_CASE("the foremost claim has the slot", "[unit][schedule]") {
    const std::vector all{a_claim("a", "02", 1s), a_claim("b", "01", 2s), a_claim("c", "03", 2s)};

    CHECK(judge(all, "02", none).verdict == slot_verdict::ours);
    for (const auto* nonce : {"01", "03"}) {
        const auto made = judge(all, nonce, none);
        CHECK(made.verdict == slot_verdict::theirs);
        CHECK(made.machine == "a");
    }
}

TEST_CASE("claims that were withdrawn or are our own stand in nobody's way", "[unit][schedule]") {
    std::vector all{a_claim("a", "01", 1s), a_claim("b", "02", 2s), a_claim("a", "03", 3s)};

    CHECK(judge(all, "03", std::vector<std::string>{"01"}).machine == "b");
    all[1].withdrawn = true;
    CHECK(judge(all, "03", std::vector<std::string>{"01"}).verdict == slot_verdict::ours);
    CHECK(judge(all, "03", none).verdict == slot_verdict::theirs);
}

TEST_CASE("a claim that is not listed has no slot", "[unit][schedule]") {
    CHECK(judge(std::vector{a_claim("b", "02")}, "01", none).verdict == slot_verdict::not_listed);
}

TEST_CASE("a machine whose clock goes ahead claims nothing, and bars nobody", "[unit][schedule]") {
    const std::vector all{a_claim("a", "01", -301s), a_claim("b", "02", -300s)};

    CHECK(judge(all, "01", none).verdict == slot_verdict::clock_ahead);
    CHECK(judge(all, "02", none).verdict == slot_verdict::ours);
}

TEST_CASE("a slot of long ago is claimed no more", "[unit][schedule]") {
    const auto days = [](int n) { return std::chrono::seconds{24h * n}; };

    CHECK(
        judge(std::vector{a_claim("a", "01", days(60))}, "01", none).verdict == slot_verdict::ours);
    CHECK(
        judge(std::vector{a_claim("a", "01", days(60) + 1s)}, "01", none).verdict ==
        slot_verdict::too_late);
}

TEST_CASE("days that nobody asks for any more are cleared away", "[unit][schedule]") {
    const std::vector<backrest::repo_entry> days{{"2026-09-13", true, 0}, {"2026-09-14", true, 0},
                                                 {"2026-11-23", true, 0}, {"2026-09-12", false, 1},
                                                 {"2026-09-xx", true, 0}, {"2025-12-31", true, 0}};

    CHECK(outlived(days, due) == std::vector<std::string>{"2026-09-13", "2025-12-31"});
    CHECK(day_of(due - claims_kept) == "2026-09-14");
}
