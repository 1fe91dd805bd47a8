// A stream may last for days, and its token may be revoked or expire meanwhile: then no further byte
// goes out.
#pragma once

#include "api/door.hpp"
#include "http/reply.hpp"

#include <memory>
#include <string>

namespace restpoint::api {

/// `body`, cut as soon as the token with this id is good no more. The door must outlive it.
[[nodiscard]] std::unique_ptr<http::body_source> guarded_body(
    std::unique_ptr<http::body_source> body, const door& at, std::string token_id);

} // namespace restpoint::api
