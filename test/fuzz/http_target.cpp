// The request target and forms: what is accepted means only itself, and can be written again.
#include "http/escape.hpp"
#include "http/target.hpp"
#include "support/fuzz.hpp"

namespace http = restpoint::http;

namespace {

using form = std::vector<std::pair<std::string, std::string>>;

std::string write_path(std::string_view path) {
    std::string text;
    while (path.size() > 1) {
        path.remove_prefix(1);
        const auto length = std::min(path.find('/'), path.size());
        text += "/" + http::query_escape(path.substr(0, length));
        path.remove_prefix(length);
    }
    return text.empty() ? "/" : text;
}

std::string write_form(const form& pairs) {
    std::string text;
    for (const auto& [name, value] : pairs) {
        text += text.empty() ? "" : "&";
        text += http::query_escape(name) + "=" + http::query_escape(value);
    }
    return text;
}

void check_target(const http::target& parsed) {
    demand(parsed.path.starts_with('/'), "a path begins with a slash");
    demand(parsed.path == "/" || !parsed.path.ends_with('/'), "a path has no slash at its end");
    demand(parsed.path.find("//") == parsed.path.npos, "a path has no empty segment");
    demand(!has_control(parsed.path), "a path has no control characters");
    demand(is_utf8(parsed.path), "a path is UTF-8");
    for (const std::string_view dots : {"/./", "/../"}) {
        demand((parsed.path + "/").find(dots) == parsed.path.npos, "a path has no dot segments");
    }
    if (parsed.authority) {
        demand(!parsed.authority->empty(), "an authority is not empty");
        demand(parsed.authority->find_first_of("@/?#") == std::string::npos, "it is a host alone");
    }
    const auto query = parsed.query.empty() ? "" : "?" + write_form(parsed.query);
    const auto again = http::parse_target(write_path(parsed.path) + query);
    demand(again && again->path == parsed.path, "a path can be written again");
    demand(again->query == parsed.query, "a query can be written again");
}

} // namespace

void probe(std::string_view input) {
    if (const auto parsed = http::parse_target(input)) {
        check_target(*parsed);
    }
    if (const auto pairs = http::parse_form(input)) {
        demand(http::parse_form(write_form(*pairs)) == pairs, "a form can be written again");
    }
    const auto escaped = http::query_escape(input);
    demand(http::percent_decode(escaped) == input, "escaping is undone by decoding");
    demand(escaped.find_first_of(" &=?#+/\"'<>") == escaped.npos, "an escaped text is inert");
}
