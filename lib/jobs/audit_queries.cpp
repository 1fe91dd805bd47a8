#include "jobs/audit_queries.hpp"

#include "jobs/job_row.hpp"

namespace restpoint::jobs {
namespace {

audit_record read_record(statement& row) {
    audit_record found;
    found.id = row.integer();
    found.at = from_microseconds(row.integer());
    found.entry.who = row.text();
    found.entry.where = row.text();
    found.entry.what = row.text();
    found.entry.outcome = row.text();
    return found;
}

} // namespace

result<std::vector<audit_record>> list_audit(database& db, const audit_filter& filter) {
    auto query = db.prepare(
        filter.before ? "select id, at_us, who, peer, what, outcome from audit where id < ?"
                        " order by id desc limit ?"
                      : "select id, at_us, who, peer, what, outcome from audit"
                        " order by id desc limit ?");
    if (!query) {
        return query.error();
    }
    if (filter.before) {
        query->bind(*filter.before);
    }
    query->bind(std::int64_t{filter.limit});
    std::vector<audit_record> found;
    for (;;) {
        const auto more = query->step();
        if (!more) {
            return more.error();
        }
        if (!*more) {
            return found;
        }
        found.push_back(read_record(*query));
    }
}

} // namespace restpoint::jobs
