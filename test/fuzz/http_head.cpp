// The head of a response, whatever its values are: no value can end its field or add one.
#include "http/head.hpp"
#include "support/fuzz.hpp"

namespace http = restpoint::http;

namespace {

/// The lines of a head, each of which ended properly.
std::vector<std::string_view> lines_of(std::string_view head) {
    std::vector<std::string_view> lines;
    while (!head.empty()) {
        const auto end = head.find("\r\n");
        demand(end != head.npos, "a head ends with the end of a line");
        lines.push_back(head.substr(0, end));
        head.remove_prefix(end + 2);
    }
    return lines;
}

void check_field(std::string_view line) {
    const auto colon = line.find(": ");
    demand(colon != line.npos && colon > 0, "a field has a name");
    demand(
        line.substr(0, colon).find_first_of(" \t\"(),/:;<=>?@[\\]{}") == line.npos,
        "the name of a field is a token");
    demand(!has_control(line, "\t"), "a field has no control characters");
}

} // namespace

void probe(std::string_view input) {
    dispenser from(input);
    http::head_parts parts;
    parts.status = 200U + from.byte() % 5U;
    parts.frame = static_cast<http::framing>(from.byte() % 3);
    parts.length = from.number();
    parts.content_type = from.line();
    std::vector<std::pair<std::string, std::string>> headers;
    std::vector<std::string> trailers;
    while (!from.empty()) {
        const auto line = from.line();
        const auto colon = std::min(line.find(':'), line.size());
        headers.emplace_back(line.substr(0, colon), line.substr(std::min(colon + 1, line.size())));
        trailers.emplace_back(line.substr(0, colon));
    }
    parts.headers = &headers;
    parts.trailer_names = &trailers;

    const auto head = http::render_head(parts);

    const auto lines = lines_of(head);
    demand(!lines.empty() && lines[0].starts_with("HTTP/1.1 2"), "a head begins with its status");
    std::size_t lengths = 0;
    std::size_t cache_controls = 0;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        check_field(lines[i]);
        lengths += lines[i].starts_with("Content-Length: ") ? 1U : 0U;
        cache_controls += lower(lines[i]).starts_with("cache-control: ") ? 1U : 0U;
    }
    const bool wants_length = parts.frame == http::framing::length && parts.status != 204;
    demand(lengths == (wants_length ? 1U : 0U), "the length is said once, by the session alone");
    demand(lines.size() <= headers.size() + 8, "no value adds a field");
    demand(cache_controls >= 1, "what may be cached is always said");
}
