// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07): what a request that starts a job
// is known by, so that a client which lost the answer may ask again. Pure.
#pragma once

#include "base/result.hpp"
#include "http/request.hpp"
#include "jobs/request_key.hpp"

#include <optional>
#include <string>

namespace restpoint::api {

/// The key of the request and the SHA-256 of its method, path, query and body; none without the header.
/// `scope` tells whose key it is. The key is 1 to 255 visible ASCII characters, bare or as a
/// structured string ("…", RFC 8941, which means the same key); `invalid` for anything else, and
/// for two of them.
[[nodiscard]] result<std::optional<jobs::request_key>> request_key_of(
    const http::request& asked, std::string scope);

} // namespace restpoint::api
