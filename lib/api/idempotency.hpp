// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07): what a request that starts a job
// is known by, so that a client which lost the answer may ask again. Pure.
#pragma once

#include "base/result.hpp"
#include "http/request.hpp"
#include "jobs/request_key.hpp"

#include <optional>
#include <string>

namespace restpoint::api {

/// Whose the keys of this request are: of the token, not of its name, which a later one may bear; of
/// another known caller; else of the address, which is all that tells strangers apart.
[[nodiscard]] std::string key_scope_of(const http::request& asked);

/// The key of the request in its scope, and the SHA-256 of its method, path, query and body; none
/// without the header. The key is 1 to 255 visible ASCII characters, bare or as a structured string
/// ("…", RFC 8941, which means the same key); `invalid` for anything else, and for two of them.
[[nodiscard]] result<std::optional<jobs::request_key>> request_key_of(const http::request& asked);

} // namespace restpoint::api
