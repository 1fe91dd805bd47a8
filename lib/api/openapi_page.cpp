#include "api/openapi_page.hpp"

#include "api/openapi.hpp"
#include "http/escape.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <fmt/format.h>

namespace json = boost::json;

namespace restpoint::api {
namespace {

using http::escape_html;

std::string schema_link(std::string_view name) {
    if (name.find('/') != name.npos) {
        return fmt::format("<code>{}</code>", escape_html(name));
    }
    return fmt::format("<a href=\"#{0}\">{0}</a>", name);
}

std::string section_of(const described_route& what, http::access who) {
    auto section = fmt::format(
        "<h3><code>{} {}</code></h3>\n<p>{}<br/>\nRole: {}. ", to_string(what.verb),
        escape_html(what.pattern), escape_html(what.summary), to_string(who));
    if (!what.parameters.empty()) {
        section += fmt::format("Takes <code>{}</code>. ", escape_html(what.parameters));
    }
    if (!what.body.empty()) {
        section += fmt::format("Body: {}. ", schema_link(what.body));
    }
    section += fmt::format("Answer: {} {}.</p>\n", what.status, schema_link(what.answer));
    return section;
}

/// As JSON Schema, a line for each member: enough to read.
std::string schema_text(const json::object& schema) {
    const auto* const members = schema.if_contains("properties");
    if (members == nullptr) {
        return json::serialize(schema);
    }
    std::string text;
    for (const auto& [name, value] : members->as_object()) {
        text += fmt::format("{}: {}\n", std::string_view(name), json::serialize(value));
    }
    return text;
}

} // namespace

std::string openapi_page(std::span<const http::route_outline> routes) {
    std::string page =
        "<h1>API</h1>\n<p>For programs: <a href=\"/api/v1/openapi.json\">openapi.json</a>. A token "
        "goes into the header <code>Authorization: Bearer …</code>. Errors are "
        "<a href=\"#Problem\">problems</a> (RFC 9457).</p>\n";
    for (const auto& what : described_routes()) {
        for (const auto& route : routes) {
            if (route.verb == what.verb && route.pattern == what.pattern) {
                page += section_of(what, route.who);
            }
        }
    }
    page += "<h2>Values</h2>\n";
    const auto schemas = json::parse(openapi_schemas());
    for (const auto& [name, schema] : schemas.as_object()) {
        page += fmt::format(
            "<h3 id=\"{0}\">{0}</h3>\n<p class=\"text\"><code>{1}</code></p>\n",
            escape_html(std::string_view(name)), escape_html(schema_text(schema.as_object())));
    }
    return page;
}

} // namespace restpoint::api
