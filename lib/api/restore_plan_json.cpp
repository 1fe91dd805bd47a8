#include "api/restore_plan_json.hpp"

#include "api/json_members.hpp"
#include "api/json_text.hpp"
#include "api/json_values.hpp"
#include "backrest/label.hpp"
#include "restore/runbook.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace json = boost::json;

namespace restpoint::api {
namespace {

using restore::plan_request;

constexpr auto example =
    R"(send JSON: {"target": {"type": "time", "value": "2026-11-22T08:30:00Z"}})";

result<> take_target(plan_request& asked, const json::value& value) {
    if (!value.is_object()) {
        return bad_member("target", "is not an object", example);
    }
    const auto& parts = value.get_object();
    std::string_view type;
    std::string_view of;
    for (const auto& [name, part] : parts) {
        const auto member = fmt::format("target.{}", std::string_view(name));
        if (name != "type" && name != "value") {
            return bad_member(member, "is not known", "allowed: type, value");
        }
        if (!part.is_string()) {
            return bad_member(member, "is not a string", example);
        }
        (name == "type" ? type : of) = part.get_string();
    }
    const auto kind = restore::parse_target_kind(type);
    if (!kind) {
        return bad_member(
            "target.type",
            parts.contains("type") ? fmt::format("is '{}', which is no type of target", type)
                                   : "is missing",
            "allowed: latest, time, lsn, xid, name, immediate");
    }
    auto made = restore::make_target(*kind, of);
    if (!made) {
        return made.error();
    }
    asked.to = std::move(*made);
    return {};
}

result<> take_timeline(plan_request& asked, const json::value& value) {
    if (value.is_null()) {
        return {};
    }
    constexpr auto most = std::numeric_limits<std::uint32_t>::max();
    if (!value.is_int64() || value.get_int64() < 1 || value.get_int64() > most) {
        return bad_member(
            "timeline", "is not a whole number from 1 to 4294967295",
            "GET /api/v1/stanzas/NAME/window lists those there are; leave it out for the one that "
            "the server writes");
    }
    asked.timeline = static_cast<std::uint32_t>(value.get_int64());
    return {};
}

result<> take_set(plan_request& asked, const json::value& value) {
    if (value.is_null()) {
        return {};
    }
    constexpr auto hint = "a label like 20261122-064235F, of GET /api/v1/stanzas/NAME/backups";
    if (!value.is_string()) {
        return bad_member("set", "is not a string", hint);
    }
    const std::string_view label = value.get_string();
    if (!backrest::is_label(label)) {
        return bad_member("set", "is no label of a backup set", hint);
    }
    asked.set = std::string(label);
    return {};
}

result<> take_repo(plan_request& asked, const json::value& value) {
    const auto number = repo_member(value);
    if (!number) {
        return number.error();
    }
    asked.repo = *number;
    return {};
}

result<> take_acknowledged(plan_request& asked, const json::value& value) {
    constexpr auto hint =
        "allowed: commits_missing, managed_elsewhere, standbys_attached, subscribers_attached";
    if (!value.is_array()) {
        return bad_member("acknowledge", "is not an array", hint);
    }
    for (const auto& one : value.get_array()) {
        const auto why = one.is_string() ? restore::parse_reason(std::string_view(one.get_string()))
                                         : std::nullopt;
        if (!why || !can_be_acknowledged(*why)) {
            return bad_member("acknowledge", "names what cannot be acknowledged", hint);
        }
        asked.acknowledged.push_back(*why);
    }
    return {};
}

result<> take_way(plan_request& asked, const json::value& value) {
    if (value.is_null()) {
        return {};
    }
    constexpr auto hint = "allowed: beside, in_place; leave it out for beside when there is room";
    asked.how =
        value.is_string() ? restore::parse_way(std::string_view(value.get_string())) : std::nullopt;
    return asked.how ? result<>{} : bad_member("way", "is no way of a restore", hint);
}

constexpr std::array<json_member<plan_request>, 6> members{{
    {"target", take_target},
    {"timeline", take_timeline},
    {"set", take_set},
    {"repo", take_repo},
    {"way", take_way},
    {"acknowledge", take_acknowledged},
}};

json::value segment_or_null(const std::optional<backrest::segment_name>& name) {
    return name ? text(backrest::to_string(*name)) : json::value(nullptr);
}

json::value target_object(const restore::target& to) {
    return json::object{
        {"type", text(to_string(to.kind))}, {"value", text_or_null(value_text(to))}};
}

json::value rounded_or_null(const std::optional<double>& seconds) {
    return seconds ? json::value(std::llround(*seconds)) : json::value(nullptr);
}

json::value room_object(const std::optional<restore::disk_room>& room) {
    if (!room) {
        return nullptr;
    }
    return json::object{{"free_bytes", room->free_bytes}, {"data_bytes", room->data_bytes}};
}

json::value lost_object(const restore::loss& lost) {
    return json::object{
        {"from", time_or_null(lost.from)},
        {"until", time_or_null(lost.until)},
        {"wal_bytes", number_or_null(lost.wal_bytes)}};
}

json::array refusals_array(const std::vector<restore::refusal>& all) {
    json::array told;
    for (const auto& one : all) {
        told.push_back(json::object{
            {"code", text(to_string(one.why))},
            {"message", text(one.message)},
            {"hint", text_or_null(one.hint)},
            {"can_be_acknowledged", can_be_acknowledged(one.why)}});
    }
    return told;
}

json::array lines(const std::vector<std::string>& all) {
    json::array told;
    for (const auto& one : all) {
        told.push_back(text(one));
    }
    return told;
}

} // namespace

result<plan_request> parse_plan_request(std::string_view body) {
    const auto object = parse_object(body, example);
    if (!object) {
        return object.error();
    }
    plan_request asked;
    const std::span<const json_member<plan_request>> allowed(members);
    if (auto taken = take_members(asked, allowed, *object); !taken) {
        return taken.error();
    }
    return asked;
}

std::string plan_json(const restore::plan& made, plan_name named, const backrest::invocation& how) {
    json::object told;
    told["id"] = text(named.id);
    told["digest"] = text(named.digest);
    told["stanza"] = text(how.stanza);
    told["target"] = target_object(made.asked.to);
    told["can_be_carried_out"] = made.can_be_carried_out();
    told["repo"] = made.repo == 0 ? json::value(nullptr) : json::value(made.repo);
    told["timeline"] = made.timeline == 0 ? json::value(nullptr) : json::value(made.timeline);
    told["set"] = made.set ? text(made.set->label) : json::value(nullptr);
    told["wal"] = json::object{
        {"from", segment_or_null(made.wal_from)}, {"to", segment_or_null(made.wal_to)}};
    told["bytes"] = number_or_null(made.bytes);
    told["room"] = room_object(made.room);
    told["way"] = made.how ? text(to_string(*made.how)) : json::value(nullptr);
    told["expected_s"] = rounded_or_null(made.expected_seconds);
    told["expected_downtime_s"] = rounded_or_null(made.expected_downtime_seconds);
    told["system_id"] =
        made.system_id ? text(std::to_string(*made.system_id)) : json::value(nullptr);
    told["data_directory"] = text_or_null(made.where.data_directory.native());
    told["lost"] = lost_object(made.lost);
    told["refusals"] = refusals_array(made.refusals);
    told["warnings"] = lines(made.warnings);
    told["commands"] = lines(runbook(made, how, made.where.data_directory));
    return to_text(told);
}

} // namespace restpoint::api
