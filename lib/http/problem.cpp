#include "http/escape.hpp"
#include "http/head.hpp"
#include "http/reply.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include <fmt/format.h>

namespace restpoint::http {
namespace {

/// The page has no scripts and loads nothing; say so, in case something slips through the escapes.
constexpr std::string_view page_policy =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

std::string json_quoted(std::string_view text) {
    const auto clean = scrub_utf8(text);
    return boost::json::serialize(boost::json::string(clean.data(), clean.size()));
}

void add_member(std::string& json, std::string_view name, std::string_view value) {
    if (!value.empty()) {
        json += fmt::format(",\"{}\":{}", name, json_quoted(value));
    }
}

std::string as_json(const problem& what, const std::string& title) {
    const auto type =
        what.code.empty() ? std::string("about:blank") : "urn:restpoint:problem:" + what.code;
    auto json = fmt::format(
        R"({{"type":{},"title":{},"status":{})", json_quoted(type), json_quoted(title),
        what.status);
    add_member(json, "code", what.code);
    add_member(json, "detail", what.detail);
    add_member(json, "hint", what.hint);
    if (!what.extra_json.empty()) {
        json += ',';
        json += what.extra_json;
    }
    json += "}\n";
    return json;
}

std::string paragraph(std::string_view text) {
    return text.empty() ? std::string() : fmt::format("<p>{}</p>\n", escape_html(text));
}

std::string as_html(const problem& what, const std::string& title) {
    return fmt::format(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width\"><title>{0}</title>\n"
        "<style>body{{font-family:system-ui,sans-serif;max-width:40em;margin:3em auto;"
        "padding:0 1em;color-scheme:light dark}}</style></head>\n"
        "<body><h1>{0}</h1>\n{1}{2}<p><small>{3} {4}</small></p></body></html>\n",
        escape_html(title), paragraph(what.detail), paragraph(what.hint), what.status,
        escape_html(what.code));
}

} // namespace

response to_response(const problem& what, const request& asked) {
    const auto title = what.title.empty() ? std::string(reason_phrase(what.status)) : what.title;
    response answer;
    answer.status = what.status;
    answer.headers = what.headers;
    if (asked.wants_html()) {
        answer.content_type = "text/html; charset=utf-8";
        answer.headers.emplace_back("Content-Security-Policy", page_policy);
        answer.body = as_html(what, title);
    } else {
        answer.content_type = "application/problem+json";
        answer.body = as_json(what, title);
    }
    return answer;
}

} // namespace restpoint::http
