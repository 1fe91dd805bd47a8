#include "api/job_request.hpp"

#include "api/json_members.hpp"
#include "api/parameters.hpp"
#include "backrest/label.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace json = boost::json;

namespace restpoint::api {
namespace {

using jobs::job_kind;

result<> take_type(job_request& asked, const json::value& value) {
    constexpr auto allowed = R"(allowed: "full", "diff", "incr")";
    if (!value.is_string()) {
        return bad_member("type", "is not a string", allowed);
    }
    const std::string_view text = value.get_string();
    asked.what.type = backrest::parse_backup_type(text);
    if (!asked.what.type) {
        return bad_member(
            "type", fmt::format("is '{}', which is no type of backup", text), allowed);
    }
    return {};
}

result<> take_annotations(job_request& asked, const json::value& value) {
    constexpr auto hint = R"(an object of strings: {"reason": "before the upgrade"})";
    if (value.is_null()) {
        return {};
    }
    if (!value.is_object()) {
        return bad_member("annotations", "is not an object", hint);
    }
    for (const auto& [key, text] : value.get_object()) {
        if (!text.is_string()) {
            return bad_member(
                fmt::format("annotations.{}", std::string_view(key)), "is not a string", hint);
        }
        asked.what.annotations.emplace(
            std::string(std::string_view(key)), std::string(std::string_view(text.get_string())));
    }
    return {};
}

/// Of annotations that are there: null takes one away, which pgBackRest is told by an empty value.
result<> take_changes(job_request& asked, const json::value& value) {
    constexpr auto hint = R"(an object of strings, and null for what goes: {"ticket": "OPS-7"})";
    if (!value.is_object()) {
        return bad_member("annotations", "is not an object", hint);
    }
    for (const auto& [key, text] : value.get_object()) {
        const auto member = fmt::format("annotations.{}", std::string_view(key));
        if (!text.is_string() && !text.is_null()) {
            return bad_member(member, "is not a string", hint);
        }
        const std::string_view to = text.is_null() ? "" : std::string_view(text.get_string());
        if (to.empty() && !text.is_null()) {
            return bad_member(member, "is empty", "send null to take an annotation away");
        }
        asked.what.annotations.emplace(std::string_view(key), to);
    }
    return {};
}

result<> take_repo(job_request& asked, const json::value& value) {
    const auto number = repo_member(value);
    if (!number) {
        return number.error();
    }
    asked.what.repo = *number;
    return {};
}

result<> take_queue(job_request& asked, const json::value& value) {
    if (!value.is_bool()) {
        return bad_member(
            "queue", "is not true or false", "true waits its turn instead of being refused");
    }
    if (value.get_bool()) {
        asked.mode = jobs::when_busy::queue;
    }
    return {};
}

using member = json_member<job_request>;

/// What a backup takes. The other kinds take the end of it, from some member on.
constexpr std::array<member, 4> members{{
    {"type", take_type},
    {"annotations", take_annotations},
    {"repo", take_repo},
    {"queue", take_queue},
}};

constexpr std::array<member, 3> changes{{
    {"annotations", take_changes},
    {"repo", take_repo},
    {"queue", take_queue},
}};

std::span<const member> members_of(job_kind kind) {
    const auto all = std::span(members);
    switch (kind) {
    case job_kind::backup:
        return all;
    case job_kind::verify:
    case job_kind::expire:
        return all.last(2);
    case job_kind::check:
    case job_kind::stanza_create:
    case job_kind::stanza_upgrade:
    case job_kind::restore:
    case job_kind::undo:
    case job_kind::forget:
    case job_kind::postgres_start:
    case job_kind::postgres_stop:
    case job_kind::postgres_restart:
        break;
    case job_kind::annotate:
        return changes;
    }
    return all.last(1);
}

/// Reads the members of the object that `body` is; an empty body has none.
result<> read_members(
    job_request& asked, std::span<const member> allowed, std::string_view body,
    const std::string& example) {
    const auto object = parse_object(body, example);
    return object ? take_members(asked, allowed, *object) : object.error();
}

constexpr auto queue_example = R"(send JSON: {"queue": true}, or nothing)";

} // namespace

result<job_request> parse_job_request(job_kind kind, std::string_view body, std::string stanza) {
    job_request asked;
    asked.what.kind = kind;
    asked.what.stanza = std::move(stanza);
    const bool is_backup = kind == job_kind::backup;
    const std::string example = is_backup ? R"(send JSON: {"type": "full"})" : queue_example;
    if (auto read = read_members(asked, members_of(kind), body, example); !read) {
        return read.error();
    }
    if (!is_backup) {
        return asked;
    }
    if (!asked.what.type) {
        return bad_member("type", "is missing", example);
    }
    const backrest::backup command{*asked.what.type, asked.what.annotations, asked.what.repo};
    if (auto good = backrest::validate(command); !good) {
        return good.error();
    }
    return asked;
}

result<job_request> parse_annotate_request(
    std::string_view body, std::string stanza, std::string label) {
    job_request asked;
    asked.what.kind = job_kind::annotate;
    asked.what.stanza = std::move(stanza);
    asked.what.set = std::move(label);
    constexpr auto example = R"(send JSON: {"annotations": {"ticket": "OPS-7", "old": null}})";
    if (auto read = read_members(asked, members_of(job_kind::annotate), body, example); !read) {
        return read.error();
    }
    const backrest::annotate command{asked.what.set, asked.what.annotations, asked.what.repo};
    if (auto good = backrest::validate(command); !good) {
        return good.error();
    }
    return asked;
}

namespace {

result<std::optional<int>> repo_parameter(const http::request& asked) {
    const auto text = asked.parameter("repo");
    if (!text) {
        return std::optional<int>{};
    }
    const auto number = parse_number(*text);
    if (!number || *number < 1 || *number > 256) {
        return failure{
            errc::invalid, fmt::format("parameter 'repo' is '{}', which it cannot be", *text),
            "allowed: 1 to 256; leave it out for every repo that has the set"};
    }
    return std::optional(static_cast<int>(*number));
}

result<> check_parts_of_removal(const http::request& asked) {
    constexpr std::array<std::string_view, 3> allowed{"repo", "queue", "dry_run"};
    if (!asked.body.empty()) {
        return failure{
            errc::invalid, "a DELETE takes no body",
            "say what is wanted in the query: ?dry_run=true&repo=1&queue=true"};
    }
    for (const auto& [name, value] : asked.query) {
        if (std::ranges::find(allowed, name) == allowed.end()) {
            return failure{
                errc::invalid, fmt::format("parameter '{}' is not known", name),
                "allowed: repo, queue, dry_run"};
        }
        const auto same = [&](const auto& other) { return other.first == name; };
        if (std::ranges::count_if(asked.query, same) > 1) {
            return failure{
                errc::invalid, fmt::format("parameter '{}' is there more than once", name),
                "say once what is wanted"};
        }
    }
    return {};
}

} // namespace

result<job_request> parse_removal(
    const http::request& asked, std::string stanza, std::string label) {
    if (auto good = check_parts_of_removal(asked); !good) {
        return good.error();
    }
    const auto repo = repo_parameter(asked);
    const auto queue = flag_parameter(asked, "queue");
    const auto dry_run = flag_parameter(asked, "dry_run");
    if (!repo || !queue || !dry_run) {
        return !repo ? repo.error() : !queue ? queue.error() : dry_run.error();
    }
    job_request wanted;
    wanted.what.kind = job_kind::expire;
    wanted.what.stanza = std::move(stanza);
    wanted.what.set = std::move(label);
    wanted.what.repo = *repo;
    wanted.what.dry_run = *dry_run;
    wanted.mode = *queue ? jobs::when_busy::queue : jobs::when_busy::refuse;
    if (auto good = backrest::validate_label(wanted.what.set); !good) {
        return good.error();
    }
    return wanted;
}

result<jobs::when_busy> parse_queue_request(std::string_view body) {
    job_request asked;
    const auto read = read_members(asked, std::span(members).last(1), body, queue_example);
    if (!read) {
        return read.error();
    }
    return asked.mode;
}

} // namespace restpoint::api
