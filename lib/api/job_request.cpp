#include "api/job_request.hpp"

#include <boost/json/parse.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace json = boost::json;

namespace restpoint::api {
namespace {

using jobs::job_kind;

failure bad(std::string_view member, std::string_view what, std::string hint) {
    return {errc::invalid, fmt::format("member '{}' {}", member, what), std::move(hint)};
}

result<> take_type(job_request& asked, const json::value& value) {
    constexpr auto allowed = R"(allowed: "full", "diff", "incr")";
    if (!value.is_string()) {
        return bad("type", "is not a string", allowed);
    }
    const std::string_view text = value.get_string();
    asked.what.type = backrest::parse_backup_type(text);
    if (!asked.what.type) {
        return bad("type", fmt::format("is '{}', which is no type of backup", text), allowed);
    }
    return {};
}

result<> take_annotations(job_request& asked, const json::value& value) {
    constexpr auto hint = R"(an object of strings: {"reason": "before the upgrade"})";
    if (value.is_null()) {
        return {};
    }
    if (!value.is_object()) {
        return bad("annotations", "is not an object", hint);
    }
    for (const auto& [key, text] : value.get_object()) {
        if (!text.is_string()) {
            return bad(
                fmt::format("annotations.{}", std::string_view(key)), "is not a string", hint);
        }
        asked.what.annotations.emplace(
            std::string(std::string_view(key)), std::string(std::string_view(text.get_string())));
    }
    return {};
}

result<> take_repo(job_request& asked, const json::value& value) {
    if (value.is_null()) {
        return {};
    }
    if (!value.is_int64() || value.get_int64() < 1 || value.get_int64() > 256) {
        return bad(
            "repo", "is not a whole number from 1 to 256",
            "leave it out for what pgBackRest does without it");
    }
    asked.what.repo = static_cast<int>(value.get_int64());
    return {};
}

result<> take_queue(job_request& asked, const json::value& value) {
    if (!value.is_bool()) {
        return bad("queue", "is not true or false", "true waits its turn instead of being refused");
    }
    if (value.get_bool()) {
        asked.mode = jobs::when_busy::queue;
    }
    return {};
}

struct member {
    std::string_view name;
    result<> (*take)(job_request& asked, const json::value& value);
};

/// What a backup takes. The other kinds take the end of it, from some member on.
constexpr std::array<member, 4> members{{
    {"type", take_type},
    {"annotations", take_annotations},
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
        break;
    }
    return all.last(1);
}

result<> take(
    job_request& asked, std::span<const member> allowed, std::string_view name,
    const json::value& value) {
    const auto found = std::ranges::find(allowed, name, &member::name);
    if (found != allowed.end()) {
        return found->take(asked, value);
    }
    std::string names;
    for (const auto& one : allowed) {
        names += names.empty() ? "" : ", ";
        names += one.name;
    }
    return bad(name, "is not known", "allowed: " + names);
}

/// Reads the members of the object that `body` is; an empty body has none.
result<> read_members(
    job_request& asked, std::span<const member> allowed, std::string_view body,
    const std::string& example) {
    if (body.empty()) {
        return {};
    }
    boost::system::error_code error;
    const auto parsed = json::parse(body, error);
    if (error) {
        return failure{
            errc::invalid, fmt::format("the body is not JSON: {}", error.message()), example};
    }
    if (!parsed.is_object()) {
        return failure{errc::invalid, "the body is not a JSON object", example};
    }
    for (const auto& [name, value] : parsed.get_object()) {
        if (auto taken = take(asked, allowed, name, value); !taken) {
            return taken;
        }
    }
    return {};
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
        return bad("type", "is missing", example);
    }
    const backrest::backup command{*asked.what.type, asked.what.annotations, asked.what.repo};
    if (auto good = backrest::validate(command); !good) {
        return good.error();
    }
    return asked;
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
