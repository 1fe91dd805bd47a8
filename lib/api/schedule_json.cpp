#include "api/schedule_json.hpp"

#include "api/json_values.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace json = boost::json;

namespace restpoint::api {
namespace {

json::value pause_of(const schedule_view& what) {
    if (!what.paused) {
        return nullptr;
    }
    json::object pause;
    pause["since"] = text(rfc3339(what.paused->since));
    pause["by"] = text(what.paused->by);
    return pause;
}

json::array next_runs_of(const schedule_view& what) {
    json::array runs;
    for (const auto& one : what.next) {
        json::object run;
        run["due"] = text(rfc3339(one.due));
        run["due_local"] = text(what.of.what.zone.text(one.due));
        run["start"] = text(rfc3339(one.start));
        runs.push_back(std::move(run));
    }
    return runs;
}

json::array last_runs_of(const schedule_view& what) {
    json::array runs;
    for (const auto& one : what.last) {
        runs.push_back(past_run_json(one));
    }
    return runs;
}

} // namespace

json::object past_run_json(const past_run& what) {
    json::object run;
    run["due"] = text(rfc3339(what.what.due));
    run["outcome"] = text(to_string(what.what.outcome));
    run["late"] = what.what.late;
    run["job"] =
        what.what.job ? json::value(json::string(std::to_string(*what.what.job))) : nullptr;
    run["job_state"] = what.job_state ? text(to_string(*what.job_state)) : nullptr;
    run["reason"] = text_or_null(what.what.reason);
    run["left_to"] = text_or_null(what.what.left_to);
    run["recorded"] = text(rfc3339(what.what.recorded));
    return run;
}

json::value schedule_json(const schedule_view& what) {
    const auto& definition = what.of.what;
    json::object o;
    o["name"] = text(definition.name);
    o["action"] = text(to_string(definition.what));
    o["type"] = definition.type ? text(to_string(*definition.type)) : json::value(nullptr);
    o["cron"] = text(definition.expression);
    o["time_zone"] = text(definition.zone.name());
    o["jitter_s"] = definition.jitter.count();
    o["catch_up"] = definition.catch_up;
    o["run_on"] = text(to_string(definition.where));
    o["claim"] = definition.claim;
    o["enabled"] = what.of.enabled;
    o["paused"] = pause_of(what);
    o["next_runs"] = next_runs_of(what);
    o["last_runs"] = last_runs_of(what);
    return o;
}

} // namespace restpoint::api
