// The server beside which this service stands, on the wire. What is absent is null. Pure.
#pragma once

#include "api/stanza_state.hpp"
#include "postgres/probe.hpp"

#include <string>

namespace restpoint::api {

/// `found` has what info and the archive say, for the comparison; its postgres is not looked at.
[[nodiscard]] std::string postgres_json(const postgres::server_report& told, stanza_findings found);

} // namespace restpoint::api
