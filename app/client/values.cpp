#include "client/values.hpp"

#include "client/json_members.hpp"

#include <boost/json/array.hpp>

namespace json = boost::json;

namespace restpoint::client {
namespace {

progress progress_of(const json::object& from) {
    progress made;
    made.phase = text_in(from, "phase");
    made.bytes_done = number_in(from, "bytes_done");
    made.bytes_total = number_in(from, "bytes_total");
    made.rate = number_in(from, "rate_bytes_per_s");
    made.eta = number_in(from, "eta_s");
    made.percent = fraction_in(from, "percent");
    return made;
}

job job_of(const json::object& from) {
    job made;
    made.id = text_in(from, "id");
    made.kind = text_in(from, "kind");
    made.stanza = text_in(from, "stanza");
    made.type = text_in(from, "type");
    made.state = text_in(from, "state");
    made.requested_by = text_in(from, "requested_by");
    made.created = text_in(from, "created");
    made.started = text_in(from, "started");
    made.finished = text_in(from, "finished");
    if (const auto& error = object_in(from, "error"); !error.empty()) {
        job_error why{
            {}, text_in(error, "name"), text_in(error, "message"), text_in(error, "hint")};
        if (const auto code = number_in(error, "code")) {
            why.code = static_cast<std::int64_t>(*code);
        }
        made.error = std::move(why);
    }
    if (const auto& now = object_in(from, "progress"); !now.empty()) {
        made.now = progress_of(now);
    }
    const auto& outcome = object_in(from, "result");
    made.label = text_in(outcome, "label");
    made.backup_size = number_in(outcome, "backup_size");
    made.expire_failed = is_true_in(outcome, "expire_failed");
    made.reversible_until = text_in(outcome, "reversible_until");
    made.downtime_ms = number_in(outcome, "downtime_ms");
    made.undone_by = text_in(outcome, "undone_by");
    made.forgotten = is_true_in(outcome, "forgotten");
    made.previous = text_in(outcome, "previous");
    return made;
}

backup backup_of(const json::object& from) {
    backup made;
    made.label = text_in(from, "label");
    made.type = text_in(from, "type");
    made.started = text_in(from, "started");
    made.finished = text_in(from, "finished");
    made.database_bytes = number_in(from, "database_bytes");
    made.repo_delta_bytes = number_in(from, "repo_delta_bytes");
    made.repo = number_in(from, "repo");
    made.page_error = is_true_in(from, "page_error");
    return made;
}

schedule schedule_of(const json::object& from) {
    schedule made;
    made.name = text_in(from, "name");
    made.action = text_in(from, "action");
    made.type = text_in(from, "type");
    made.cron = text_in(from, "cron");
    made.time_zone = text_in(from, "time_zone");
    made.enabled = is_true_in(from, "enabled");
    made.paused = !object_in(from, "paused").empty();
    if (const auto next = objects_in(from, "next_runs"); !next.empty()) {
        made.next = text_in(next.front(), "due_local");
    }
    if (const auto last = objects_in(from, "last_runs"); !last.empty()) {
        made.last = text_in(last.front(), "job_state");
        if (made.last.empty()) {
            made.last = text_in(last.front(), "outcome");
        }
    }
    return made;
}

stanza stanza_of(const json::object& from) {
    stanza made{text_in(from, "name"), text_in(from, "state")};
    for (const auto& one : objects_in(from, "reasons")) {
        made.reasons.push_back(text_in(one, "message"));
    }
    return made;
}

template <class Value>
result<std::vector<Value>> parse_list(
    std::string_view from, std::string_view name, Value (*read)(const json::object&)) {
    const auto answer = parse_object(from, "list");
    const auto* const found = answer ? answer->if_contains(name) : nullptr;
    if (found == nullptr || !found->is_array()) {
        return strange_answer("list");
    }
    std::vector<Value> all;
    for (const auto& one : found->get_array()) {
        if (!one.is_object()) {
            return strange_answer("list");
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
        return strange_answer("job");
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

result<server> parse_server(std::string_view json) {
    const auto from = parse_object(json, "server");
    if (!from) {
        return from.error();
    }
    return server{
        text_in(*from, "state"),
        text_in(*from, "detail"),
        text_in(*from, "role"),
        text_in(*from, "version"),
        number_in(*from, "timeline"),
        text_in(*from, "lsn"),
        is_true_in(object_in(*from, "archiving"), "failing")};
}

result<stanza> parse_stanza(std::string_view json) {
    const auto from = parse_object(json, "stanza");
    if (!from) {
        return from.error();
    }
    auto made = stanza_of(*from);
    if (made.name.empty() || made.state.empty()) {
        return strange_answer("stanza");
    }
    return made;
}

result<std::vector<stanza>> parse_stanzas(std::string_view json) {
    return parse_list<stanza>(json, "stanzas", stanza_of);
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
    return text_in(*from, "line");
}

problem parse_problem(std::string_view json) {
    const auto from = parse_object(json, "problem");
    if (!from) {
        return {};
    }
    return {
        text_in(*from, "code"), text_in(*from, "detail"), text_in(*from, "hint"),
        text_in(*from, "job")};
}

} // namespace restpoint::client
