#include "api/answers.hpp"

#include "api/job_json.hpp"
#include "api/parameters.hpp"
#include "api/routes.hpp"

#include <fmt/format.h>

namespace restpoint::api {

http::response json_response(unsigned status, std::string body) {
    return {status, "application/json", {}, std::move(body)};
}

http::response accepted(const jobs::job& what) {
    auto answer = json_response(202, job_json(what, std::chrono::system_clock::now()));
    answer.headers.emplace_back("Location", fmt::format("/api/v1/jobs/{}", what.id));
    if (!is_final(what.state)) {
        answer.headers.emplace_back("Retry-After", ask_again_after);
    }
    answer.headers.emplace_back("Restpoint-Job", std::to_string(what.id));
    return answer;
}

http::header_list::value_type applied(std::chrono::seconds wait) {
    return {"Preference-Applied", fmt::format("wait={}", wait.count())};
}

http::response failed(const http::request& asked, const failure& why) {
    log_hidden(asked, why);
    return http::to_response(to_problem(why), asked);
}

result<jobs::job_id> job_id_of(const http::path_values& path) {
    const auto& text = path.find("id")->second;
    const auto id = parse_job_id(text);
    if (!id) {
        return failure{
            errc::not_found, fmt::format("there is no job '{}'", text), "ids are positive numbers"};
    }
    return *id;
}

result<std::string> known_stanza(const std::string& ours, const http::path_values& path) {
    const auto& stanza = path.find("stanza")->second;
    if (stanza != ours) {
        return failure{
            errc::not_found, fmt::format("there is no stanza '{}' here", stanza),
            fmt::format("this service stands for '{}'", ours)};
    }
    return stanza;
}

} // namespace restpoint::api
