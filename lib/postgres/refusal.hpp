// What a server's refusal says about the server. Pure.
#pragma once

#include "postgres/probe.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace restpoint::postgres {

/// The SQLSTATE in a message of libpq with PQERRORS_VERBOSE ("… FATAL:  57P03: the database …"),
/// which is the only place where libpq shows that of a failed connection. It does not depend on the
/// language of the message. None when the message is not the server's.
[[nodiscard]] std::optional<std::string> sqlstate_of(std::string_view message);

/// The state of a server that refused with this SQLSTATE (PostgreSQL manual, appendix A).
[[nodiscard]] server_state state_of_refusal(std::string_view sqlstate);

/// A message of libpq as one line, without the place in PostgreSQL's source.
[[nodiscard]] std::string one_line(std::string_view message);

} // namespace restpoint::postgres
