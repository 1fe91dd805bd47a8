// What the store asks of its audit trail, on its own thread.
#pragma once

#include "jobs/sqlite.hpp"
#include "jobs/store.hpp"

namespace restpoint::jobs {

/// As store::audit_trail().
[[nodiscard]] result<std::vector<audit_record>> list_audit(
    database& db, const audit_filter& filter);

} // namespace restpoint::jobs
