#include "api/job_json.hpp"

#include "api/json_text.hpp"
#include "api/json_values.hpp"
#include "http/escape.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace json = boost::json;

namespace restpoint::api {
namespace {

using jobs::job_kind;

constexpr double longest_eta = 1e9; ///< seconds; beyond it nobody plans

constexpr std::size_t members = 22; ///< of a job, a few more than there are

json::value annotations_of(const jobs::job& what) {
    const bool changes = what.spec.kind == job_kind::annotate;
    if (what.spec.kind != job_kind::backup && !changes) {
        return nullptr;
    }
    json::object pairs;
    for (const auto& [key, value] : what.spec.annotations) {
        const bool goes = changes && value.empty();
        pairs.emplace(http::scrub_utf8(key), goes ? json::value(nullptr) : text(value));
    }
    return pairs;
}

json::value error_of(const jobs::job& what) {
    if (!what.error) {
        return nullptr;
    }
    json::object error;
    error["code"] = number_or_null(what.error->code);
    error["name"] = text_or_null(what.error->name);
    error["message"] = text_or_null(what.error->message);
    error["hint"] = text_or_null(what.error->hint);
    return error;
}

/// Bytes per second: of late where somebody counts, else since the start, coarse as pgBackRest
/// counts whole files.
std::optional<double> rate_of(const jobs::job& what, wall_time now) {
    if (what.progress.rate) {
        return what.progress.rate;
    }
    if (!what.started || !what.progress.bytes_done) {
        return std::nullopt;
    }
    const std::chrono::duration<double> ran = now - *what.started;
    if (ran.count() <= 0) {
        return std::nullopt;
    }
    return static_cast<double>(*what.progress.bytes_done) / ran.count();
}

/// What was measured; else, while pgBackRest alone tells how far the copying is, what its pace makes
/// of the rest.
std::optional<double> seconds_left(const backrest::progress& p, std::optional<double> rate) {
    if (p.seconds_left) {
        return p.seconds_left;
    }
    const bool copies = p.phase == "copy" && !p.estimated;
    if (!copies || !rate || *rate <= 0 || !p.bytes_done || !p.bytes_total ||
        *p.bytes_total < *p.bytes_done) {
        return std::nullopt;
    }
    return static_cast<double>(*p.bytes_total - *p.bytes_done) / *rate;
}

/// Null for what is not running: where an ended job stood last is kept nowhere.
json::value progress_of(const jobs::job& what, wall_time now) {
    if (what.state != jobs::job_state::running) {
        return nullptr;
    }
    const auto& p = what.progress;
    json::object progress;
    progress["phase"] = text_or_null(p.phase);
    progress["bytes_done"] = number_or_null(p.bytes_done);
    progress["bytes_total"] = number_or_null(p.bytes_total);
    progress["percent"] = number_or_null(p.percent);
    const auto rate = rate_of(what, now);
    progress["rate_bytes_per_s"] = rate ? json::value(std::llround(*rate)) : json::value(nullptr);
    const auto left = seconds_left(p, rate);
    progress["eta_s"] =
        left ? json::value(std::llround(std::min(*left, longest_eta))) : json::value(nullptr);
    progress["estimated"] = p.estimated;
    return progress;
}

json::value result_of(const jobs::job& what) {
    if (is_own_work(what.spec.kind)) {
        boost::system::error_code bad;
        auto report = what.report.empty() ? json::value() : json::parse(what.report, bad);
        return bad ? json::value() : report;
    }
    if (what.state != jobs::job_state::succeeded && !what.label) {
        return nullptr;
    }
    json::object result;
    result["label"] = what.label ? text(*what.label) : json::value(nullptr);
    result["backup_size"] = number_or_null(what.backup_size);
    result["expire_failed"] = what.expire_failed;
    return result;
}

json::object to_object(const jobs::job& what, wall_time now) {
    json::object o;
    o.reserve(members);
    o["id"] = std::to_string(what.id);
    o["kind"] = json::string(to_string(what.spec.kind));
    o["stanza"] = text(what.spec.stanza);
    o["type"] = what.spec.type ? text(to_string(*what.spec.type)) : json::value(nullptr);
    o["annotations"] = annotations_of(what);
    o["repo"] = number_or_null(what.spec.repo);
    o["set"] = text_or_null(std::string_view(what.spec.set));
    o["dry_run"] = what.spec.dry_run;
    o["state"] = json::string(to_string(what.state));
    o["requested_by"] = text(what.requested_by);
    o["created"] = text(rfc3339(what.created));
    o["started"] = time_or_null(what.started);
    o["finished"] = time_or_null(what.finished);
    o["cancel_requested"] = time_or_null(what.cancel_requested);
    o["exit_code"] = number_or_null(what.exit_code);
    o["error"] = error_of(what);
    o["progress"] = progress_of(what, now);
    o["result"] = result_of(what);
    o["log"] = json::object{
        {"bytes", what.log_bytes}, {"lines", what.log_lines}, {"dropped", what.log_dropped}};
    return o;
}

} // namespace

std::string job_json(const jobs::job& what, wall_time now) {
    return to_text(to_object(what, now));
}

std::string progress_json(const jobs::job& what, wall_time now) {
    return to_text(progress_of(what, now));
}

std::string job_list_json(
    std::span<const jobs::job> list, std::optional<jobs::job_id> next, wall_time now) {
    json::array entries;
    for (const auto& one : list) {
        entries.push_back(to_object(one, now));
    }
    json::object answer;
    answer["jobs"] = std::move(entries);
    answer["next_cursor"] =
        next ? json::value(json::string(std::to_string(*next))) : json::value(nullptr);
    return to_text(answer);
}

} // namespace restpoint::api
