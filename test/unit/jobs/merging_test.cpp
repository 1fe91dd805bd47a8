#include "jobs/merging.hpp"
#include "jobs/schedule_record.hpp"
#include "support/catch.hpp"

#include <array>

using namespace restpoint;
using namespace restpoint::jobs;
using backrest::backup_type;

namespace {

job_spec a_spec(job_kind kind, std::optional<backup_type> type = {}, std::string stanza = "main") {
    job_spec made;
    made.kind = kind;
    made.stanza = std::move(stanza);
    made.type = type;
    return made;
}

job_spec a_backup(std::optional<backup_type> type) {
    return a_spec(job_kind::backup, type);
}

job waiting(job_id id, job_spec what) {
    job made;
    made.id = id;
    made.spec = std::move(what);
    made.requested_by = requested_by_schedule("nightly");
    return made;
}

std::vector<std::pair<job_id, job_id>> pairs(const std::vector<succession>& all) {
    std::vector<std::pair<job_id, job_id>> made;
    for (const auto& one : all) {
        made.emplace_back(one.superseded, one.by);
    }
    return made;
}

using id_pairs = std::vector<std::pair<job_id, job_id>>;

} // namespace

TEST_CASE("of two scheduled backups the stronger type stays", "[unit][jobs]") {
    constexpr std::array<std::optional<backup_type>, 4> types{
        backup_type::full, backup_type::diff, backup_type::incr, std::nullopt};
    constexpr auto gives = merge::gives_way;
    constexpr auto takes = merge::takes_over;
    // A row for what comes, a column for what waits; without a type pgBackRest takes an incr.
    constexpr std::array<std::array<merge, 4>, 4> table{{
        {gives, takes, takes, takes},
        {gives, gives, takes, takes},
        {gives, gives, gives, gives},
        {gives, gives, gives, gives},
    }};

    for (std::size_t comes = 0; comes < types.size(); ++comes) {
        for (std::size_t waits = 0; waits < types.size(); ++waits) {
            CAPTURE(comes, waits);
            const std::vector queue{waiting(7, a_backup(types[waits]))};

            const auto merged = merge_with(queue, a_backup(types[comes]));

            CHECK(merged.how == table[comes][waits]);
            REQUIRE(merged.waits != nullptr);
            CHECK(merged.waits->id == 7);
        }
    }
}

TEST_CASE("a scheduled run of another kind gives way to the one that waits", "[unit][jobs]") {
    const auto kind =
        GENERATE(job_kind::check, job_kind::verify, job_kind::expire, job_kind::stanza_create);
    const std::vector queue{waiting(7, a_spec(kind))};

    CHECK(merge_with(queue, a_spec(kind)).how == merge::gives_way);
}

TEST_CASE("other kinds, stanzas, people's jobs and cancelled ones are not merged", "[unit][jobs]") {
    auto persons = waiting(3, a_backup(backup_type::full));
    persons.requested_by = "http 127.0.0.1";
    auto cancelled = waiting(4, a_backup(backup_type::full));
    cancelled.cancel_requested = wall_time{};
    auto running = waiting(5, a_backup(backup_type::full));
    running.state = job_state::running;
    const std::vector queue{
        waiting(1, a_spec(job_kind::expire)),
        waiting(2, a_spec(job_kind::backup, backup_type::full, "other")), persons, cancelled,
        running};

    const auto merged = merge_with(queue, a_backup(backup_type::diff));

    CHECK(merged.how == merge::apart);
    CHECK(merged.waits == nullptr);
    CHECK(merge_all(queue).empty());
}

TEST_CASE("the strongest that waits decides when there are several", "[unit][jobs]") {
    const std::vector queue{
        waiting(1, a_backup(backup_type::incr)), waiting(2, a_backup(backup_type::full))};

    const auto merged = merge_with(queue, a_backup(backup_type::diff));

    CHECK(merged.how == merge::gives_way);
    CHECK(merged.waits->id == 2);
}

TEST_CASE("of several that wait the strongest stays, of equals the oldest", "[unit][jobs]") {
    std::vector queue{
        waiting(1, a_backup(backup_type::incr)),
        waiting(2, a_spec(job_kind::check)),
        waiting(3, a_backup(backup_type::full)),
        waiting(4, a_spec(job_kind::check)),
        waiting(5, a_backup(backup_type::full)),
        waiting(6, a_spec(job_kind::backup, backup_type::incr, "other")),
        waiting(7, a_backup(backup_type::diff))};

    CHECK(pairs(merge_all(queue)) == id_pairs{{1, 3}, {4, 2}, {5, 3}, {7, 3}});

    std::ranges::reverse(queue);
    CHECK(pairs(merge_all(queue)) == id_pairs{{7, 3}, {5, 3}, {4, 2}, {1, 3}});
}

TEST_CASE("a superseded job is cancelled and names the one that took its place", "[unit][jobs]") {
    const wall_time now{std::chrono::seconds{1'795'262'400}};
    auto waited = waiting(7, a_backup(backup_type::incr));

    supersede(waited, 12, a_backup(backup_type::full), now);

    CHECK(waited.state == job_state::cancelled);
    CHECK(waited.finished == now);
    REQUIRE(waited.error);
    CHECK(waited.error->name == "superseded");
    CHECK_FALSE(waited.error->code);
    CHECK_THAT(waited.error->message, ContainsSubstring("job 12 (full backup)"));
    CHECK_THAT(waited.error->hint, ContainsSubstring("job 12"));
    CHECK(
        stand_in_reason(12, a_backup(backup_type::full)) ==
        "job 12 (full backup) stands in for it");
    CHECK(stand_in_reason(3, a_spec(job_kind::check)) == "job 3 (check) stands in for it");
}
