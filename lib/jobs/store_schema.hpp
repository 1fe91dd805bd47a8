// The store's tables, version by version.
#pragma once

#include "jobs/sqlite.hpp"

namespace restpoint::jobs {

/// The version that this program writes.
[[nodiscard]] int known_schema_version();

/// Brings the schema up to known_schema_version(), each step in a transaction of its own. Fails
/// with `unusable_state`, and changes nothing, when the database is newer, damaged, or not
/// restpoint's.
[[nodiscard]] result<> upgrade(database& db, const std::filesystem::path& file);

} // namespace restpoint::jobs
