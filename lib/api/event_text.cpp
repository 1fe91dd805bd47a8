#include "api/event_text.hpp"

#include "base/escape_json.hpp"

#include <fmt/format.h>

#include <iterator>

namespace restpoint::api {
namespace {

// The id stands behind the data, since a line that comes in parts has its end, and so its offset,
// in the last of them.
void begin_line(std::string& out) {
    out += "event: log\ndata: {\"line\":\"";
}

void end_line(std::string& out, std::uint64_t offset) {
    fmt::format_to(std::back_inserter(out), "\",\"offset\":{}}}\nid: {}\n\n", offset, offset);
}

void mark(std::string& out, std::uint64_t offset) {
    fmt::format_to(std::back_inserter(out), "id: {}\n\n", offset);
}

constexpr jobs::line_form form_of_events{begin_line, append_json, end_line, mark};

} // namespace

const jobs::line_form& log_events() {
    return form_of_events;
}

std::string event_text(std::string_view name, std::string_view json) {
    return fmt::format("event: {}\ndata: {}\n\n", name, json);
}

std::string retry_text(std::chrono::milliseconds wait) {
    return fmt::format("retry: {}\n\n", wait.count());
}

} // namespace restpoint::api
