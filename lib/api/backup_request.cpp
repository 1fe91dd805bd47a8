#include "api/backup_request.hpp"

#include <boost/json/parse.hpp>

#include <fmt/format.h>

namespace json = boost::json;

namespace restpoint::api {
namespace {

failure bad(std::string_view member, std::string_view what, std::string hint) {
    return {errc::invalid, fmt::format("member '{}' {}", member, what), std::move(hint)};
}

result<> take_type(jobs::job_spec& spec, const json::value& value) {
    constexpr auto allowed = R"(allowed: "full", "diff", "incr")";
    if (!value.is_string()) {
        return bad("type", "is not a string", allowed);
    }
    const std::string_view text = value.get_string();
    spec.type = backrest::parse_backup_type(text);
    if (!spec.type) {
        return bad("type", fmt::format("is '{}', which is no type of backup", text), allowed);
    }
    return {};
}

result<> take_annotations(jobs::job_spec& spec, const json::value& value) {
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
        spec.annotations.emplace(
            std::string(std::string_view(key)), std::string(std::string_view(text.get_string())));
    }
    return {};
}

result<> take_repo(jobs::job_spec& spec, const json::value& value) {
    if (value.is_null()) {
        return {};
    }
    if (!value.is_int64() || value.get_int64() < 1 || value.get_int64() > 256) {
        return bad(
            "repo", "is not a whole number from 1 to 256", "leave it out for the first repo");
    }
    spec.repo = static_cast<int>(value.get_int64());
    return {};
}

result<> take_queue(backup_request& asked, const json::value& value) {
    if (!value.is_bool()) {
        return bad("queue", "is not true or false", "true waits its turn instead of being refused");
    }
    if (value.get_bool()) {
        asked.mode = jobs::when_busy::queue;
    }
    return {};
}

result<> take(backup_request& asked, std::string_view member, const json::value& value) {
    if (member == "type") {
        return take_type(asked.what, value);
    }
    if (member == "annotations") {
        return take_annotations(asked.what, value);
    }
    if (member == "repo") {
        return take_repo(asked.what, value);
    }
    if (member == "queue") {
        return take_queue(asked, value);
    }
    return bad(member, "is not known", "allowed: type, annotations, repo, queue");
}

} // namespace

result<backup_request> parse_backup_request(std::string_view body, std::string stanza) {
    constexpr auto example = R"(send JSON: {"type": "full"})";
    boost::system::error_code error;
    const auto parsed = json::parse(body, error);
    if (error) {
        return failure{
            errc::invalid, fmt::format("the body is not JSON: {}", error.message()), example};
    }
    if (!parsed.is_object()) {
        return failure{errc::invalid, "the body is not a JSON object", example};
    }
    backup_request asked;
    asked.what.kind = jobs::job_kind::backup;
    asked.what.stanza = std::move(stanza);
    for (const auto& [member, value] : parsed.get_object()) {
        if (auto taken = take(asked, member, value); !taken) {
            return taken.error();
        }
    }
    if (!asked.what.type) {
        return bad("type", "is missing", R"(allowed: "full", "diff", "incr")");
    }
    const backrest::backup command{*asked.what.type, asked.what.annotations, asked.what.repo};
    if (auto good = backrest::validate(command); !good) {
        return good.error();
    }
    return asked;
}

} // namespace restpoint::api
