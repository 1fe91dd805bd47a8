// Names for requests that went wrong, so that an answer and a log line find each other.
#pragma once

#include <string>

namespace restpoint::http {

/// 16 random hexadecimal digits.
[[nodiscard]] std::string make_request_id();

} // namespace restpoint::http
