#include "api/restore_request.hpp"

#include "api/json_members.hpp"
#include "restore/order.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace json = boost::json;

namespace restpoint::api {
namespace {

using jobs::job_kind;

struct asked_for {
    restore_request what = {};
    std::string confirm = {};
    jobs::when_busy mode = jobs::when_busy::refuse;
};

result<> take_text(
    std::string& into, std::string_view name, const json::value& value, std::string hint) {
    if (!value.is_string()) {
        return bad_member(name, "is not a string", std::move(hint));
    }
    into = std::string_view(value.get_string());
    return {};
}

result<> take_plan(asked_for& asked, const json::value& value) {
    return take_text(asked.what.plan, "plan", value, "the id of a plan");
}

result<> take_digest(asked_for& asked, const json::value& value) {
    return take_text(asked.what.digest, "digest", value, "the digest of the plan that was read");
}

result<> take_confirm(asked_for& asked, const json::value& value) {
    return take_text(asked.confirm, "confirm", value, "the name of the stanza");
}

result<> take_way(asked_for& asked, const json::value& value) {
    if (value.is_null()) {
        return {};
    }
    asked.what.how =
        value.is_string() ? restore::parse_way(std::string_view(value.get_string())) : std::nullopt;
    return asked.what.how
               ? result<>{}
               : bad_member("way", "is no way of a restore", "allowed: beside, in_place");
}

result<> take_queue(asked_for& asked, const json::value& value) {
    if (!value.is_bool()) {
        return bad_member(
            "queue", "is not true or false", "true waits its turn instead of being refused");
    }
    asked.mode = value.get_bool() ? jobs::when_busy::queue : jobs::when_busy::refuse;
    return {};
}

/// Of an undo the first two, of a restore all but the first: its plan would be an old one.
constexpr std::array<json_member<asked_for>, 5> members{{
    {"queue", take_queue},
    {"confirm", take_confirm},
    {"plan", take_plan},
    {"digest", take_digest},
    {"way", take_way},
}};

result<asked_for> read(
    std::string_view body, std::span<const json_member<asked_for>> allowed,
    const std::string& example, std::string_view stanza) {
    const auto object = parse_object(body, example);
    if (!object) {
        return object.error();
    }
    asked_for asked;
    if (auto taken = take_members(asked, allowed, *object); !taken) {
        return taken.error();
    }
    if (!object->contains("confirm")) {
        return bad_member("confirm", "is missing", example);
    }
    if (asked.confirm != stanza) {
        return bad_member(
            "confirm", "is not the name of the stanza",
            fmt::format("it is '{}': whoever sends it means this stanza", stanza));
    }
    return asked;
}

failure not_now(std::string detail, std::string hint) {
    return {errc::conflict, std::move(detail), std::move(hint)};
}

/// Whether a restore replaced another cluster since, and still does.
bool is_newer(const jobs::job& one, const restore_history& history) {
    if (one.spec.kind != job_kind::restore || one.id <= history.of.id) {
        return false;
    }
    const auto order = restore::parse_order(one.spec.order);
    return !order ||
           std::none_of(history.others.begin(), history.others.end(), [&](const jobs::job& other) {
               return is_about(other, job_kind::undo, order->folder);
           });
}

} // namespace

bool is_about(const jobs::job& one, job_kind what, const std::string& folder) {
    if (one.spec.kind != what) {
        return false;
    }
    const auto order = restore::parse_order(one.spec.order);
    return order && order->of == folder;
}

result<restore_request> parse_restore_request(std::string_view body, std::string_view stanza) {
    const auto example =
        fmt::format(R"(send JSON: {{"plan": "ID", "digest": "DIGEST", "confirm": "{}"}})", stanza);
    const std::span<const json_member<asked_for>> all(members);
    auto asked = read(body, all.subspan(1), example, stanza);
    if (!asked) {
        return asked.error();
    }
    if (asked->what.plan.empty() || asked->what.digest.empty()) {
        return bad_member(asked->what.plan.empty() ? "plan" : "digest", "is missing", example);
    }
    return std::move(asked->what);
}

result<jobs::when_busy> parse_confirmation(std::string_view body, std::string_view stanza) {
    const auto example = fmt::format(R"(send JSON: {{"confirm": "{}"}})", stanza);
    const std::span<const json_member<asked_for>> all(members);
    auto asked = read(body, all.first(2), example, stanza);
    return asked ? result<jobs::when_busy>(asked->mode) : asked.error();
}

result<std::string> order_after_restore(job_kind what, const restore_history& history) {
    const auto& of = history.of;
    const auto id = std::to_string(of.id);
    if (of.spec.kind != job_kind::restore || of.state != jobs::job_state::succeeded) {
        return not_now(
            fmt::format(
                "job {} is no restore that succeeded: it is a {} and {}", id,
                to_string(of.spec.kind), to_string(of.state)),
            "a restore that failed has left the cluster as it was");
    }
    auto order = restore::parse_order(of.spec.order);
    if (!order) {
        return order.error();
    }
    for (const auto& one : history.others) {
        if (is_about(one, job_kind::undo, order->folder)) {
            return not_now(
                fmt::format("job {} was undone by job {}", id, one.id), "there is nothing to do");
        }
        if (is_about(one, job_kind::forget, order->folder)) {
            return not_now(
                fmt::format("what the undo of job {} needs was given up by job {}", id, one.id),
                "a restore to the end of the timeline that was left may lead to the same data");
        }
        if (what == job_kind::undo && is_newer(one, history)) {
            return not_now(
                fmt::format("job {} has restored another cluster since", one.id),
                fmt::format("undo job {} first", one.id));
        }
    }
    if (what == job_kind::undo && order->how == restore::way::in_place) {
        if (order->back_set.empty()) {
            return not_now(
                fmt::format("job {} has restored in place, and nothing leads back", id),
                "no backup led to the cluster that was there");
        }
        // To the end of what the replaced cluster wrote; and back from there to what there is now.
        std::swap(order->set, order->back_set);
        std::swap(order->timeline, order->back_timeline);
        order->to = {};
        order->wal_to.clear();
        order->whole = true;
    }
    order->databases.clear(); // whole, as it was
    order->what = what == job_kind::undo ? restore::errand::undo : restore::errand::forget;
    order->of = std::exchange(order->folder, restore::folder_name(history.now, order->digest));
    return restore::to_json(*order);
}

} // namespace restpoint::api
