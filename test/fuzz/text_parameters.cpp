// The query of an API request: values within their bounds, or a failure that names the parameter.
#include "api/parameters.hpp"
#include "http/target.hpp"
#include "support/fuzz.hpp"

namespace api = restpoint::api;
namespace http = restpoint::http;

namespace {

template <class Result>
void check_failure(const Result& taken) {
    if (!taken) {
        demand(taken.error().code == restpoint::errc::invalid, "a bad parameter is invalid");
        demand(!taken.error().detail.empty() && !taken.error().hint.empty(), "and says why");
        demand(taken.error().detail.find("parameter '") == 0, "and which");
    }
}

void check_filter(const http::request& asked) {
    const auto filter = api::job_filter_of(asked);
    check_failure(filter);
    if (filter) {
        demand(filter->limit >= 1 && filter->limit <= 500, "a page has a length");
        demand(!filter->before || *filter->before > 0, "a cursor is an id");
    }
}

} // namespace

void probe(std::string_view input) {
    dispenser from(input);
    http::request asked;
    asked.headers.emplace_back("prefer", from.line());
    const auto form = from.rest();
    if (const auto pairs = http::parse_form(form)) {
        asked.query = *pairs;
    }

    check_filter(asked);
    check_failure(api::level_parameter(asked));
    check_failure(api::flag_parameter(asked, "follow"));
    check_failure(api::wants_to_wait(asked));

    for (const auto& [name, value] : asked.query) {
        if (const auto id = api::parse_job_id(value)) {
            demand(*id > 0 && std::to_string(*id) == value, "an id is written in one way");
            demand(api::parse_number(value) == static_cast<std::uint64_t>(*id), "and is a number");
        }
    }
    const auto field = api::form_field(form, "token");
    demand(field.find_first_of("&") == field.npos, "a field ends where the next begins");
}
