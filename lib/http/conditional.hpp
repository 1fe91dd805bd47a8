// Conditional requests (RFC 9110, 13): who polls is sent nothing as long as nothing has changed.
// Pure.
#pragma once

#include "http/reply.hpp"
#include "http/request.hpp"

#include <string>
#include <string_view>

namespace restpoint::http {

/// A strong validator of these bytes, with its quotes: the same for the same bytes, whenever this
/// program runs. Not for bytes of somebody who gains by a second text with the same tag.
[[nodiscard]] std::string entity_tag(std::string_view bytes);

/// Whether If-None-Match names this tag (weakly compared: 8.8.3.2) or is "*".
[[nodiscard]] bool has_already(const request& asked, std::string_view tag);

/// The answer with an ETag, to be stored by the client alone and asked for again each time; 304
/// and no body when it has these bytes already. For answers to GET with 200; others are given back
/// as they are.
[[nodiscard]] response conditional(response what, const request& asked);

} // namespace restpoint::http
