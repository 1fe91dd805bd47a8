#include "jobs/backup_behind.hpp"
#include "support/catch.hpp"

#include <vector>

using namespace restpoint;
using namespace restpoint::jobs;
using namespace std::chrono_literals;

namespace {

constexpr wall_time noon{std::chrono::hours(500'000)};

job restore_of(job_id id) {
    job made;
    made.id = id;
    made.spec.kind = job_kind::restore;
    made.state = job_state::succeeded;
    made.finished = noon;
    return made;
}

job backup_of(job_id id, job_state state, std::optional<wall_time> finished = {}) {
    job made;
    made.id = id;
    made.state = state;
    made.finished = finished;
    return made;
}

bool owed(const std::vector<job>& backups, wall_time now = noon + 1min) {
    return is_backup_owed(restore_of(7), 7, backups, now);
}

} // namespace

TEST_CASE("only a backup that restpoint made behind a restore follows one", "[unit][jobs]") {
    job backup;
    backup.spec.kind = job_kind::backup;
    backup.requested_by = behind_restore(12);
    CHECK(follows_restore(backup));

    auto check = backup;
    check.spec.kind = job_kind::check;
    CHECK_FALSE(follows_restore(check));
    auto asked = backup;
    asked.requested_by = "ann";
    CHECK_FALSE(follows_restore(asked));
}

TEST_CASE("a restore has a backup coming until one is there or on its way", "[unit][jobs]") {
    CHECK(owed({}));
    CHECK(owed({backup_of(6, job_state::succeeded, noon)}));
    CHECK_FALSE(owed({backup_of(8, job_state::queued)}));
    CHECK_FALSE(owed({backup_of(8, job_state::running)}));
    CHECK_FALSE(owed({backup_of(8, job_state::succeeded, noon + 1min)}));

    auto check = backup_of(8, job_state::succeeded, noon + 1min);
    check.spec.kind = job_kind::check;
    CHECK(owed({check}));
}

TEST_CASE("a backup behind a restore that failed is tried again, a little later", "[unit][jobs]") {
    for (const auto state : {job_state::failed, job_state::interrupted}) {
        const std::vector failed{backup_of(8, state, noon + 1min)};
        CHECK_FALSE(owed(failed, noon + 10min));
        CHECK(owed(failed, noon + 11min));
    }
    CHECK_FALSE(owed(
        {backup_of(8, job_state::failed, noon + 1min), backup_of(9, job_state::running)},
        noon + 1h));
}

TEST_CASE("a backup that somebody has cancelled is not asked for again", "[unit][jobs]") {
    auto cancelled = backup_of(8, job_state::cancelled, noon);
    CHECK_FALSE(owed({cancelled}, noon + 1h));

    cancelled.requested_by = behind_restore(7);
    CHECK_FALSE(owed({cancelled}, noon + 1h));
}

TEST_CASE("a backup that made way for an undo is owed again when that failed", "[unit][jobs]") {
    auto cancelled = backup_of(8, job_state::cancelled, noon);
    cancelled.requested_by = behind_restore(7);

    CHECK(is_backup_owed(restore_of(7), 9, std::vector{cancelled}, noon + 1min));
}

TEST_CASE("a day behind a restore its backup is owed no more", "[unit][jobs]") {
    CHECK(owed({}, noon + 24h));
    CHECK_FALSE(owed({}, noon + 25h));
}
