// Stanzas, their backups and what can be restored, on the wire. The names stand in the design and
// clients rely on them: fields may be added, never renamed. What is absent is null.
#pragma once

#include "api/stanza_state.hpp"
#include "backrest/info.hpp"
#include "jobs/window_answer.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace restpoint::api {

/// One stanza, with its state.
[[nodiscard]] std::string stanza_json(const stanza_findings& found);

/// {"stanzas": […]}
[[nodiscard]] std::string stanza_list_json(const stanza_findings& found);

/// How far the archive is behind, as the stanza has it.
[[nodiscard]] boost::json::object archive_summary(const stanza_findings& found);

/// {"backups": […]}, the newest first.
[[nodiscard]] std::string backup_list_json(const stanza_findings& found);

/// One backup, with "repos": those that have it (labels are made of times, so that two repos may
/// have one each of the same label; told is the first). Empty when there is none.
[[nodiscard]] std::string backup_json(const stanza_findings& found, std::string_view label);

/// {"timelines": […], "archives": […]}: a timeline stands in it once for each archive that has it.
[[nodiscard]] std::string window_json(const jobs::window_answer& answer);

} // namespace restpoint::api
