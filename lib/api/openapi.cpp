#include "api/openapi.hpp"

#include "http/ascii.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace json = boost::json;

namespace restpoint::api {
namespace {

json::object reference(std::string_view kind, std::string_view name) {
    return {{"$ref", fmt::format("#/components/{}/{}", kind, name)}};
}

json::object parameter(
    std::string_view in, std::string_view name, std::string_view text, json::object schema) {
    return {
        {"name", name},
        {"in", in},
        {"required", in == "path"},
        {"description", text},
        {"schema", std::move(schema)}};
}

json::object one_of(std::initializer_list<std::string_view> words) {
    json::array allowed;
    for (const auto word : words) {
        allowed.emplace_back(word);
    }
    return {{"type", "string"}, {"enum", std::move(allowed)}};
}

/// By the names that routes and the table call them.
json::object parameters() {
    const json::object text{{"type", "string"}};
    const json::object name{{"type", "string"}, {"pattern", "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"}};
    const json::object flag{{"type", "boolean"}};
    json::object all;
    all["stanza"] = parameter("path", "stanza", "The stanza this service stands for.", name);
    all["label"] = parameter("path", "label", "The label of a backup set.", text);
    all["id"] = parameter("path", "id", "A job.", reference("schemas", "Id"));
    all["name"] = parameter("path", "name", "A schedule.", name);
    all["state"] =
        parameter("query", "state", "Jobs in this state.", reference("schemas", "JobState"));
    all["kind"] = parameter("query", "kind", "Jobs of this kind.", reference("schemas", "JobKind"));
    all["jobsOfStanza"] = parameter("query", "stanza", "Jobs of this stanza.", name);
    all["limit"] = parameter(
        "query", "limit", "How many there are to be in the answer.",
        {{"type", "integer"}, {"minimum", 1}, {"maximum", 500}, {"default", 50}});
    all["cursor"] = parameter(
        "query", "cursor", "next_cursor of the answer before.", reference("schemas", "Id"));
    all["level"] = parameter(
        "query", "level", "Lines of this level and graver ones.",
        one_of({"error", "warn", "info", "detail", "debug", "trace"}));
    all["follow"] = parameter("query", "follow", "Goes on until the job has ended.", flag);
    all["verbose"] = parameter("query", "verbose", "A line for each thing looked at.", flag);
    all["dry_run"] =
        parameter("query", "dry_run", "Changes nothing, and says what would go.", flag);
    all["queue"] = parameter("query", "queue", "Waits its turn instead of being refused.", flag);
    all["repo"] = parameter(
        "query", "repo", "In this repository alone.",
        {{"type", "integer"}, {"minimum", 1}, {"maximum", 256}});
    all["Idempotency-Key"] = parameter(
        "header", "Idempotency-Key",
        "1 to 255 visible ASCII characters. The same key and body start no second job, also after "
        "a restart; another body is refused with 422.",
        {{"type", "string"}, {"minLength", 1}, {"maxLength", 255}});
    all["Prefer"] = parameter(
        "header", "Prefer", "wait=SECONDS: the answer comes when the job has ended, or then.",
        text);
    all["If-None-Match"] =
        parameter("header", "If-None-Match", "An ETag: 304 when nothing has changed.", text);
    all["Range"] =
        parameter("header", "Range", "bytes=FIRST-LAST: these bytes of the raw log alone.", text);
    all["Last-Event-ID"] = parameter(
        "header", "Last-Event-ID", "The id of the last event that came: goes on behind it.", text);
    return all;
}

void add_words(json::array& to, std::string_view words) {
    while (!words.empty()) {
        const auto end = std::min(words.find(' '), words.size());
        to.push_back(reference("parameters", words.substr(0, end)));
        words.remove_prefix(std::min(end + 1, words.size()));
    }
}

json::array parameters_of(const described_route& what) {
    json::array all;
    for (auto rest = what.pattern; rest.find('{') != rest.npos;) {
        rest.remove_prefix(rest.find('{') + 1);
        all.push_back(reference("parameters", rest.substr(0, rest.find('}'))));
    }
    add_words(all, what.parameters);
    return all;
}

json::object content_of(std::string_view schema_or_media) {
    const bool is_media = schema_or_media.find('/') != schema_or_media.npos;
    if (is_media) {
        return {{schema_or_media, json::object{{"schema", json::object{}}}}};
    }
    return {{"application/json", json::object{{"schema", reference("schemas", schema_or_media)}}}};
}

json::object problem_content() {
    return {
        {"application/problem+json", json::object{{"schema", reference("schemas", "Problem")}}}};
}

json::object header(std::string_view text) {
    return {{"description", text}, {"schema", json::object{{"type", "string"}}}};
}

bool takes(const described_route& what, std::string_view parameter) {
    return what.parameters.find(parameter) != what.parameters.npos;
}

json::object headers_of(const described_route& what) {
    json::object all;
    if (what.status == 202) {
        all["Location"] = header("Where the job is told of.");
        all["Retry-After"] = header("Seconds until asking is worth it.");
    }
    if (takes(what, "Prefer")) {
        all["Preference-Applied"] = header("wait=SECONDS: how long it would have waited.");
    }
    return all;
}

/// What a route answers beyond its own answer, a 304 and problems.
void add_special_responses(json::object& all, const described_route& what) {
    if (takes(what, "Range")) {
        all["206"] = json::object{
            {"description", "The bytes that were asked for."},
            {"headers",
             json::object{{"Content-Range", header("Which, of how many; * while it grows.")}}},
            {"content", content_of(what.answer)}};
        all["416"] = json::object{
            {"description", "The range begins behind the end."},
            {"headers", json::object{{"Content-Range", header("How many bytes there are.")}}},
            {"content", problem_content()}};
    }
    if (what.id == "getReady") {
        auto content = content_of("Readiness");
        content["text/plain"] = json::object{{"schema", json::object{}}};
        all["503"] = json::object{
            {"description", "It cannot, and why: as text with verbose."},
            {"headers", json::object{{"Retry-After", header("Seconds.")}}},
            {"content", std::move(content)}};
    }
}

json::object responses_of(const described_route& what) {
    json::object good{
        {"description", what.status == 202 ? "Taken on: its row is on disk." : "The answer."},
        {"content", content_of(what.answer)}};
    if (auto headers = headers_of(what); !headers.empty()) {
        good["headers"] = std::move(headers);
    }
    json::object all;
    all[std::to_string(what.status)] = std::move(good);
    if (takes(what, "If-None-Match")) {
        all["304"] = json::object{{"description", "Nothing has changed."}};
    }
    add_special_responses(all, what);
    all["default"] = reference("responses", "Problem");
    return all;
}

json::object operation_of(const described_route& what, http::access who) {
    json::object told;
    told["operationId"] = what.id;
    told["tags"] = json::array{what.tag};
    told["summary"] = what.summary;
    told["description"] = fmt::format("{} Role: {}.", what.summary, to_string(who));
    if (auto all = parameters_of(what); !all.empty()) {
        told["parameters"] = std::move(all);
    }
    if (!what.body.empty()) {
        told["requestBody"] = json::object{{"required", false}, {"content", content_of(what.body)}};
    }
    told["responses"] = responses_of(what);
    told["security"] = who == http::access::open
                           ? json::array{json::object{}}
                           : json::array{json::object{{"token", json::array{}}}, json::object{}};
    return told;
}

std::string in_lower_case(http::method verb) {
    std::string text(to_string(verb));
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

const described_route& description_of(const http::route_outline& route) {
    const auto all = described_routes();
    const auto found = std::ranges::find_if(all, [&](const described_route& one) {
        return one.verb == route.verb && one.pattern == route.pattern;
    });
    if (found == all.end()) {
        throw std::logic_error(fmt::format(
            "the route {} {} is not described: add it to openapi_routes_table.cpp",
            to_string(route.verb), route.pattern));
    }
    return *found;
}

json::array tags() {
    const auto tag = [](std::string_view name, std::string_view text) {
        return json::object{{"name", name}, {"description", text}};
    };
    return {
        tag("stanzas", "What there is to restore from, and what makes more of it."),
        tag("restores", "Going back: what it would do, and doing it."),
        tag("jobs", "What was started: how it goes and how it ended."),
        tag("schedules", "What starts by itself."), tag("service", "restpoint itself.")};
}

json::object info(std::string_view version) {
    return {
        {"title", "restpoint"},
        {"version", version},
        {"description",
         "PostgreSQL backups with pgBackRest. Ids are strings, times are RFC 3339 in UTC, sizes "
         "are "
         "bytes. Whoever may do something is said with it; what a caller without a token may do is "
         "the configuration's."},
        {"license", json::object{{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}};
}

} // namespace

std::vector<std::string> query_parameters_of(const described_route& what) {
    std::vector<std::string> names;
    const auto known = parameters();
    auto rest = what.parameters;
    while (!rest.empty()) {
        const auto& one = known.at(http::cut_at(rest, ' '));
        if (one.at("in") == "query") {
            names.emplace_back(one.at("name").as_string());
        }
    }
    return names;
}

bool belongs_to_api(std::string_view pattern) {
    return pattern.starts_with("/api/") || pattern == "/livez" || pattern == "/readyz" ||
           pattern == "/metrics";
}

std::string openapi_document(
    std::span<const http::route_outline> routes, std::string_view version) {
    json::object paths;
    for (const auto& route : routes) {
        if (belongs_to_api(route.pattern)) {
            const auto& what = description_of(route);
            auto& path = paths[route.pattern];
            if (path.is_null()) {
                path = json::object{};
            }
            path.as_object()[in_lower_case(route.verb)] = operation_of(what, route.who);
        }
    }
    json::object components;
    components["schemas"] = json::parse(openapi_schemas());
    components["parameters"] = parameters();
    components["responses"] = json::object{
        {"Problem", json::object{
                        {"description", "What is wrong, by a stable code, and what to do."},
                        {"content", problem_content()}}}};
    components["securitySchemes"] =
        json::object{{"token", json::object{{"type", "http"}, {"scheme", "bearer"}}}};
    json::object document;
    document["openapi"] = "3.1.0";
    document["info"] = info(version);
    document["servers"] = json::array{json::object{{"url", "/"}}};
    document["tags"] = tags();
    document["paths"] = std::move(paths);
    document["components"] = std::move(components);
    return json::serialize(document) + "\n";
}

} // namespace restpoint::api
