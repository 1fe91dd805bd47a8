#include "http/head.hpp"

#include "http/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <iterator>

namespace restpoint::http {
namespace {

constexpr std::array<std::pair<unsigned, std::string_view>, 43> phrases = {{
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
}};

/// Fields that say how the bytes travel: the session's, whatever a handler says.
constexpr std::array<std::string_view, 8> own_fields = {
    "connection", "content-length", "content-type", "date",
    "keep-alive", "server",         "trailer",      "transfer-encoding"};

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> default_fields = {{
    {"Cache-Control", "no-store"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "same-origin"},
    {"X-Frame-Options", "DENY"},
}};

bool is_own(std::string_view name) {
    return std::any_of(own_fields.begin(), own_fields.end(), [name](std::string_view own) {
        return equals_ignoring_case(own, name);
    });
}

bool is_token(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

std::string join(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names) {
        out += out.empty() ? "" : ", ";
        out += name;
    }
    return out;
}

void add_framing(std::string& head, const head_parts& parts) {
    if (!allows_body(parts.status)) {
        return;
    }
    if (!parts.content_type.empty()) {
        head += render_field("Content-Type", parts.content_type);
    }
    if (parts.frame == framing::length) {
        fmt::format_to(std::back_inserter(head), "Content-Length: {}\r\n", parts.length);
    } else if (parts.frame == framing::chunked) {
        head += "Transfer-Encoding: chunked\r\n";
        if (parts.trailer_names != nullptr && !parts.trailer_names->empty()) {
            head += render_field("Trailer", join(*parts.trailer_names));
        }
    }
}

} // namespace

std::string_view reason_phrase(unsigned status) {
    const auto found = std::find_if(phrases.begin(), phrases.end(), [status](const auto& phrase) {
        return phrase.first == status;
    });
    return found == phrases.end() ? "Unknown" : found->second;
}

std::string http_date(std::chrono::system_clock::time_point when) {
    constexpr std::array<std::string_view, 7> days = {"Sun", "Mon", "Tue", "Wed",
                                                      "Thu", "Fri", "Sat"};
    constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto seconds = std::chrono::system_clock::to_time_t(when);
    std::tm at = {};
    ::gmtime_r(&seconds, &at);
    return fmt::format(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days.at(static_cast<std::size_t>(at.tm_wday)),
        at.tm_mday, months.at(static_cast<std::size_t>(at.tm_mon)), at.tm_year + 1900, at.tm_hour,
        at.tm_min, at.tm_sec);
}

std::string render_field(std::string_view name, std::string_view value) {
    if (!is_token(name)) {
        return {};
    }
    auto line = fmt::format("{}: {}\r\n", name, value);
    const auto is_control = [](char c) {
        return (static_cast<unsigned char>(c) < 0x20U && c != '\t') || c == '\x7f';
    };
    std::replace_if(line.begin(), line.end() - 2, is_control, ' ');
    return line;
}

bool allows_body(unsigned status) {
    return status >= 200 && status != 204 && status != 304;
}

std::string render_head(const head_parts& parts) {
    auto head = fmt::format("HTTP/1.1 {} {}\r\n", parts.status, reason_phrase(parts.status));
    add_framing(head, parts);
    std::array<bool, default_fields.size()> set = {};
    if (parts.headers != nullptr) {
        for (const auto& [name, value] : *parts.headers) {
            if (is_own(name)) {
                continue;
            }
            head += render_field(name, value);
            for (std::size_t i = 0; i < default_fields.size(); ++i) {
                set.at(i) = set.at(i) || equals_ignoring_case(default_fields.at(i).first, name);
            }
        }
    }
    for (std::size_t i = 0; i < default_fields.size(); ++i) {
        if (!set.at(i)) {
            head += render_field(default_fields.at(i).first, default_fields.at(i).second);
        }
    }
    return head;
}

std::string render_closing(std::chrono::system_clock::time_point now, persistence after) {
    const std::string_view connection = after == persistence::close ? "Connection: close\r\n"
                                        : after == persistence::keep_alive
                                            ? "Connection: keep-alive\r\n"
                                            : "";
    return fmt::format("Server: restpoint\r\nDate: {}\r\n{}\r\n", http_date(now), connection);
}

} // namespace restpoint::http
