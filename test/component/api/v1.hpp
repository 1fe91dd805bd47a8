// What the tests of the API v1 share.
#pragma once

#include "running_service.hpp"
#include "support/catch.hpp"
#include "web_client.hpp"

#include <boost/json/parse.hpp>

#include <string>

namespace restpoint::test {

inline boost::json::object object(const web_answer& answer) {
    INFO(answer.body);
    return boost::json::parse(answer.body).as_object();
}

inline std::string job_path(const web_answer& accepted) {
    INFO(accepted.body);
    REQUIRE(accepted.status == 202);
    return accepted.headers.at("location");
}

/// The job once its row is final.
inline boost::json::object ended(const running_service& service, const std::string& path) {
    ask(service.port(), "GET", "/pgBackRest/jobs/" + path.substr(path.rfind('/') + 1));
    return object(ask(service.port(), "GET", path));
}

} // namespace restpoint::test
