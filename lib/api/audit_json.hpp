// The audit trail on the wire. Pure.
#pragma once

#include "jobs/store.hpp"

#include <optional>
#include <span>
#include <string>

namespace restpoint::api {

/// {"entries": [{"id", "at", "who", "peer", "what", "outcome"}], "next_cursor"}.
[[nodiscard]] std::string audit_json(
    std::span<const jobs::audit_record> entries, std::optional<std::int64_t> next);

} // namespace restpoint::api
