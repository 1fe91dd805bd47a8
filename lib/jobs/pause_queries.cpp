#include "jobs/pause_queries.hpp"

#include "jobs/job_row.hpp"
#include "jobs/schedule_queries.hpp"

namespace restpoint::jobs {

result<std::vector<schedule_pause>> pauses(database& db) {
    auto query = db.prepare("select schedule, since_us, paused_by from schedule_pauses");
    if (!query) {
        return query.error();
    }
    std::vector<schedule_pause> all;
    for (;;) {
        auto row = query->step();
        if (!row) {
            return row.error();
        }
        if (!*row) {
            return all;
        }
        schedule_pause read;
        read.schedule = query->text();
        read.since = from_microseconds(query->integer());
        read.by = query->text();
        all.push_back(std::move(read));
    }
}

result<> pause(database& db, const schedule_pause& what) {
    auto query = db.prepare(
        "insert or ignore into schedule_pauses (schedule, since_us, paused_by) values (?, ?, ?)");
    if (!query) {
        return query.error();
    }
    query->bind(what.schedule).bind(to_microseconds(what.since)).bind(what.by);
    return query->finish();
}

result<> resume(
    database& db, const std::string& schedule, const std::optional<schedule_run>& passed) {
    if (passed) {
        // First: should this end here, the schedule is still paused and nothing of it is lost.
        const auto settled = settle_run(db, *passed);
        if (!settled && settled.error().code != errc::conflict) {
            return settled;
        }
    }
    auto query = db.prepare("delete from schedule_pauses where schedule = ?");
    if (!query) {
        return query.error();
    }
    query->bind(schedule);
    return query->finish();
}

} // namespace restpoint::jobs
