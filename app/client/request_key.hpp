// What a request of the client is known by (Idempotency-Key), so that it can be sent again.
#pragma once

#include <string>

namespace restpoint::client {

/// 128 random bits in hex: another one each time. Throws when the system has none.
[[nodiscard]] std::string draw_request_key();

} // namespace restpoint::client
