// The body of a POST that asks for a job, of each kind. What is taken becomes whole arguments of pgBackRest,
// none of which is an option that nobody meant.
#include "api/job_request.hpp"
#include "backrest/command.hpp"
#include "support/fuzz.hpp"

#include <boost/json.hpp>

#include <array>

namespace api = restpoint::api;
namespace backrest = restpoint::backrest;
namespace json = boost::json;
namespace jobs = restpoint::jobs;

namespace {

std::string write(const api::job_request& asked) {
    json::object out{{"queue", asked.mode == jobs::when_busy::queue}};
    if (asked.what.type) {
        json::object annotations;
        for (const auto& [key, value] : asked.what.annotations) {
            annotations.emplace(key, value);
        }
        out.emplace("type", to_string(*asked.what.type));
        out.emplace("annotations", annotations);
    }
    if (asked.what.repo) {
        out.emplace("repo", *asked.what.repo);
    }
    return json::serialize(out);
}

void check_argv(const jobs::job_spec& spec) {
    constexpr std::array<std::string_view, 10> known{
        "--config=",         "--stanza=",       "--log-level-console=", "--log-level-stderr=",
        "--log-level-file=", "--log-timestamp", "--output=text",        "--type=",
        "--repo=",           "--annotation="};
    const auto argv = backrest::to_argv({}, jobs::to_command(spec));
    demand(
        argv.front() == "pgbackrest" && argv.back() == to_string(spec.kind),
        "the command is the kind's");
    std::size_t annotations = 0;
    for (std::size_t i = 1; i + 1 < argv.size(); ++i) {
        demand(
            std::ranges::any_of(
                known, [&](std::string_view option) { return argv[i].starts_with(option); }),
            "every argument is an option that we know");
        demand(!has_control(argv[i]) && is_utf8(argv[i]), "an argument is text on one line");
        annotations += argv[i].starts_with("--annotation=") ? 1U : 0U;
    }
    demand(annotations == spec.annotations.size(), "an annotation is one argument");
}

} // namespace

void probe(std::string_view input) {
    using enum jobs::job_kind;
    for (const auto kind : {backup, stanza_create, check, verify, expire}) {
        const auto asked = api::parse_job_request(kind, input, "main");
        if (!asked) {
            demand(asked.error().code == restpoint::errc::invalid, "what cannot be is invalid");
            demand_readable(asked.error());
            demand(!asked.error().hint.empty(), "a refused body gets a hint");
            continue;
        }
        demand(asked->what.stanza == "main" && asked->what.kind == kind, "a request is whole");
        demand(asked->what.type.has_value() == (kind == backup), "a backup has a type");
        check_argv(asked->what);
        const auto again = api::parse_job_request(kind, write(*asked), "main");
        demand(again && again->what == asked->what && again->mode == asked->mode, "written again");
    }
}
