#include "client/values.hpp"

#include "base/utf8.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace json = boost::json;

namespace restpoint::client {
namespace {

const json::value* member(const json::object& of, std::string_view name) {
    return of.if_contains(name);
}

std::string text(const json::object& of, std::string_view name) {
    const auto* const found = member(of, name);
    if (found == nullptr || !found->is_string()) {
        return {};
    }
    const std::string_view value = found->get_string();
    return presentable(value, value.size());
}

std::optional<std::uint64_t> number(const json::object& of, std::string_view name) {
    const auto* const found = member(of, name);
    if (found == nullptr || !found->is_number()) {
        return std::nullopt;
    }
    boost::system::error_code misfit;
    const auto value = found->to_number<std::uint64_t>(misfit);
    return misfit ? std::nullopt : std::optional(value);
}

bool is_true(const json::object& of, std::string_view name) {
    const auto* const found = member(of, name);
    return found != nullptr && found->is_bool() && found->get_bool();
}

const json::object& object(const json::object& of, std::string_view name) {
    static const json::object none;
    const auto* const found = member(of, name);
    return found != nullptr && found->is_object() ? found->get_object() : none;
}

failure strange(std::string_view what) {
    return {
        errc::io, "the service's answer is no " + std::string(what),
        "is it restpoint that answers there, and not a much newer one?"};
}

result<json::object> parse_object(std::string_view from, std::string_view what) {
    boost::system::error_code error;
    auto value = json::parse(from, error);
    if (error || !value.is_object()) {
        return strange(what);
    }
    return std::move(value.get_object());
}

progress progress_of(const json::object& from) {
    progress made;
    made.phase = text(from, "phase");
    made.bytes_done = number(from, "bytes_done");
    made.bytes_total = number(from, "bytes_total");
    made.rate = number(from, "rate_bytes_per_s");
    made.eta = number(from, "eta_s");
    const auto* const percent = member(from, "percent");
    if (percent != nullptr && percent->is_number()) {
        made.percent = percent->to_number<double>();
    }
    return made;
}

job job_of(const json::object& from) {
    job made;
    made.id = text(from, "id");
    made.kind = text(from, "kind");
    made.stanza = text(from, "stanza");
    made.type = text(from, "type");
    made.state = text(from, "state");
    made.requested_by = text(from, "requested_by");
    made.created = text(from, "created");
    made.started = text(from, "started");
    made.finished = text(from, "finished");
    if (const auto& error = object(from, "error"); !error.empty()) {
        job_error why{{}, text(error, "name"), text(error, "message"), text(error, "hint")};
        if (const auto code = number(error, "code")) {
            why.code = static_cast<std::int64_t>(*code);
        }
        made.error = std::move(why);
    }
    if (const auto& now = object(from, "progress"); !now.empty()) {
        made.now = progress_of(now);
    }
    const auto& outcome = object(from, "result");
    made.label = text(outcome, "label");
    made.backup_size = number(outcome, "backup_size");
    made.expire_failed = is_true(outcome, "expire_failed");
    return made;
}

backup backup_of(const json::object& from) {
    backup made;
    made.label = text(from, "label");
    made.type = text(from, "type");
    made.started = text(from, "started");
    made.finished = text(from, "finished");
    made.database_bytes = number(from, "database_bytes");
    made.repo_delta_bytes = number(from, "repo_delta_bytes");
    made.repo = number(from, "repo");
    made.page_error = is_true(from, "page_error");
    return made;
}

/// The first object of a list; an empty one when there is none.
const json::object& first(const json::object& of, std::string_view name) {
    static const json::object none;
    const auto* const found = member(of, name);
    const bool any = found != nullptr && found->is_array() && !found->get_array().empty() &&
                     found->get_array().front().is_object();
    return any ? found->get_array().front().get_object() : none;
}

schedule schedule_of(const json::object& from) {
    schedule made;
    made.name = text(from, "name");
    made.action = text(from, "action");
    made.type = text(from, "type");
    made.cron = text(from, "cron");
    made.time_zone = text(from, "time_zone");
    made.enabled = is_true(from, "enabled");
    made.paused = !object(from, "paused").empty();
    made.next = text(first(from, "next_runs"), "due_local");
    const auto& last = first(from, "last_runs");
    made.last = text(last, "job_state");
    if (made.last.empty()) {
        made.last = text(last, "outcome");
    }
    return made;
}

template <class Value>
result<std::vector<Value>> parse_list(
    std::string_view from, std::string_view name, Value (*read)(const json::object&)) {
    const auto answer = parse_object(from, "list");
    const auto* const found = answer ? member(*answer, name) : nullptr;
    if (found == nullptr || !found->is_array()) {
        return strange("list");
    }
    std::vector<Value> all;
    for (const auto& one : found->get_array()) {
        if (!one.is_object()) {
            return strange("list");
        }
        all.push_back(read(one.get_object()));
    }
    return all;
}

} // namespace

result<job> parse_job(std::string_view json) {
    const auto from = parse_object(json, "job");
    if (!from) {
        return from.error();
    }
    auto made = job_of(*from);
    if (made.id.empty() || made.state.empty()) {
        return strange("job");
    }
    return made;
}

result<std::vector<job>> parse_jobs(std::string_view json) {
    return parse_list<job>(json, "jobs", job_of);
}

result<std::vector<backup>> parse_backups(std::string_view json) {
    return parse_list<backup>(json, "backups", backup_of);
}

result<schedule> parse_schedule(std::string_view json) {
    const auto from = parse_object(json, "schedule");
    if (!from) {
        return from.error();
    }
    return schedule_of(*from);
}

result<std::vector<schedule>> parse_schedules(std::string_view json) {
    return parse_list<schedule>(json, "schedules", schedule_of);
}

result<progress> parse_progress(std::string_view json) {
    const auto from = parse_object(json, "progress");
    if (!from) {
        return from.error();
    }
    return progress_of(*from);
}

result<std::string> parse_log_event(std::string_view json) {
    const auto from = parse_object(json, "line of a log");
    if (!from) {
        return from.error();
    }
    return text(*from, "line");
}

problem parse_problem(std::string_view json) {
    const auto from = parse_object(json, "problem");
    if (!from) {
        return {};
    }
    return {text(*from, "code"), text(*from, "detail"), text(*from, "hint"), text(*from, "job")};
}

} // namespace restpoint::client
