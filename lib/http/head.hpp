// The head of a response as bytes. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace restpoint::http {

/// "Conflict"; "Unknown" for a status without a name.
[[nodiscard]] std::string_view reason_phrase(unsigned status);

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7).
[[nodiscard]] std::string http_date(std::chrono::system_clock::time_point when);

/// How the end of a body is told.
enum class framing { length, chunked, until_close };

struct head_parts {
    unsigned status = 200;
    std::string_view content_type = {};
    const std::vector<std::pair<std::string, std::string>>* headers = nullptr;
    framing frame = framing::length;
    std::uint64_t length = 0;
    const std::vector<std::string>* trailer_names = nullptr;
};

/// Status line and fields, without those that differ between two answers with the same content
/// (Date, Connection) and without the empty line. Fields that belong to the session are left out of
/// `headers`; the security headers and `Cache-Control: no-store` are added where `headers` does not
/// set them.
[[nodiscard]] std::string render_head(const head_parts& parts);

/// "name: value\r\n" for a field; empty for a name that is no token. Control characters in the
/// value become blanks, so that no value can end its field.
[[nodiscard]] std::string render_field(std::string_view name, std::string_view value);

/// 1xx, 204 and 304 never have a body.
[[nodiscard]] bool allows_body(unsigned status);

/// What a connection does after the answer, as the client is told.
enum class persistence {
    implied,    ///< HTTP/1.1 and going on: nothing is said
    keep_alive, ///< HTTP/1.0 and going on
    close
};

/// Server, Date and Connection, and the empty line.
[[nodiscard]] std::string render_closing(
    std::chrono::system_clock::time_point now, persistence after);

} // namespace restpoint::http
