#include "api/problems.hpp"

#include "http/escape.hpp"
#include "http/head.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include <fmt/format.h>

namespace restpoint::api {
namespace {

std::string json_text(std::string_view text) {
    return boost::json::serialize(boost::json::string(http::scrub_utf8(text)));
}

} // namespace

unsigned status_of(errc code) {
    switch (code) {
    case errc::invalid:
        return 400;
    case errc::not_found:
        return 404;
    case errc::conflict:
        return 409;
    case errc::gone:
        return 410;
    case errc::forbidden:
        return 403;
    case errc::not_implemented:
        return 501;
    case errc::unavailable:
        return 503;
    case errc::timed_out:
        return 504;
    case errc::unusable_state:
        return 507;
    case errc::io:
    case errc::internal:
        return 500;
    }
    // uncovered: every value has its case
    return 500;
}

std::string title_of(unsigned status) {
    return std::string(status == 507 ? "Insufficient Storage" : http::reason_phrase(status));
}

http::problem to_problem(const failure& why) {
    http::problem p;
    p.status = status_of(why.code);
    p.code = std::string(to_string(why.code));
    p.title = title_of(p.status);
    p.detail = http::scrub_utf8(why.detail);
    p.hint = http::scrub_utf8(why.hint);
    if (p.status == 500) {
        p.detail = "restpoint could not do this";
        p.hint = "the log of restpoint names the cause";
    }
    if (p.status == 503 || p.status == 504) {
        p.headers.emplace_back("Retry-After", "5");
    }
    return p;
}

http::problem to_problem(const failure& why, std::string_view code_of_conflict) {
    auto p = to_problem(why);
    if (why.code == errc::conflict) {
        p.code = std::string(code_of_conflict);
    }
    return p;
}

http::problem to_problem(const jobs::rejection& why) {
    auto p = to_problem(why.why, "job_in_the_way");
    if (why.key_of) {
        p.status = 422;
        p.code = "idempotency_key_reused";
        p.title = title_of(p.status);
    }
    if (const auto job = why.blocked_by ? why.blocked_by : why.key_of) {
        p.extra_json = fmt::format(R"("job":"{}")", *job);
    }
    return p;
}

http::problem to_problem(const http::refusal& why) {
    http::problem p;
    p.status = why.status;
    p.code = why.code;
    p.title = title_of(why.status);
    p.detail = why.detail;
    p.hint = why.hint;
    return p;
}

http::problem problem_of(const jobs::job& ended) {
    http::problem p;
    p.code = fmt::format("job_{}", to_string(ended.state));
    p.title = title_of(p.status);
    p.detail = fmt::format(
        "job {} ({}) ended as {}", ended.id, to_string(ended.spec.kind), to_string(ended.state));
    p.extra_json =
        fmt::format(R"("job":"{}","state":{})", ended.id, json_text(to_string(ended.state)));
    if (ended.error) {
        const auto& e = *ended.error;
        p.detail = http::scrub_utf8(e.message);
        p.hint = http::scrub_utf8(e.hint);
        p.extra_json += fmt::format(
            R"(,"pgbackrest_code":{},"pgbackrest_name":{})",
            e.code ? std::to_string(*e.code) : "null", json_text(e.name));
    }
    p.headers.emplace_back("Restpoint-Job", std::to_string(ended.id));
    return p;
}

bool asks_for_json(const http::request& asked) {
    const auto accept = asked.header("accept").value_or("");
    return accept.find("json") != accept.npos && !asked.wants_html();
}

} // namespace restpoint::api
