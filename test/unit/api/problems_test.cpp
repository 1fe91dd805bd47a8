#include "api/problems.hpp"
#include "requests.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>

namespace json = boost::json;

namespace restpoint::api {

TEST_CASE("each kind of failure has its status and its stable code", "[unit][api]") {
    const auto [code, status, name] = GENERATE(table<errc, unsigned, std::string>(
        {{errc::invalid, 400, "invalid"},
         {errc::not_found, 404, "not_found"},
         {errc::conflict, 409, "conflict"},
         {errc::gone, 410, "gone"},
         {errc::forbidden, 403, "forbidden"},
         {errc::not_implemented, 501, "not_implemented"},
         {errc::unavailable, 503, "unavailable"},
         {errc::timed_out, 504, "timed_out"},
         {errc::unusable_state, 507, "unusable_state"},
         {errc::io, 500, "io"},
         {errc::internal, 500, "internal"}}));

    const auto p = to_problem(failure{code, "what happened", "what to do"});

    CHECK(p.status == status);
    CHECK(p.code == name);
    CHECK_FALSE(p.title.empty());
    CHECK(p.title != "Unknown");
}

TEST_CASE("what failed inside is not told outside", "[unit][api]") {
    const auto p = to_problem(failure{errc::io, "cannot open '/secret/path'", "look there"});

    CHECK(p.detail.find("secret") == std::string::npos);
    CHECK(p.hint.find("look there") == std::string::npos);
    CHECK_FALSE(p.hint.empty());
}

TEST_CASE(
    "a key that stands for another request is unprocessable, and names its job", "[unit][api]") {
    const jobs::rejection why{{errc::conflict, "this key came before", "take a new one"}, {}, 7};

    const auto p = to_problem(why);

    CHECK(p.status == 422);
    CHECK(p.code == "idempotency_key_reused");
    CHECK(p.title == "Unprocessable Content");
    CHECK(p.extra_json == R"("job":"7")");
}

TEST_CASE("a job in the way is a member of the problem", "[unit][api]") {
    const jobs::rejection why{{errc::conflict, "job 7 is in the way", "wait"}, 7};

    const auto answer = http::to_response(to_problem(why), get("/"));

    CHECK(answer.status == 409);
    CHECK(answer.content_type == "application/problem+json");
    const auto body = json::parse(answer.body).as_object();
    CHECK(body.at("job") == "7");
    CHECK(body.at("code") == "job_in_the_way");
    CHECK(body.at("hint") == "wait");
}

TEST_CASE("a conflict has the code of what is in conflict, and nothing else has", "[unit][api]") {
    CHECK(to_problem(failure{errc::conflict, "over"}, "job_ended").code == "job_ended");
    CHECK(to_problem(failure{errc::not_found, "never"}, "job_ended").code == "not_found");
}

TEST_CASE("what does not answer in time is worth another try", "[unit][api]") {
    const auto code = GENERATE(errc::unavailable, errc::timed_out);
    const auto p = to_problem(failure{code, "it is away"});

    REQUIRE(p.headers.size() == 1);
    CHECK(p.headers.front().first == "Retry-After");
}

TEST_CASE("what the door refuses keeps its status, its code and its words", "[unit][api]") {
    const auto p = to_problem(http::refusal{421, "host_not_allowed", "not served", "add it"});

    CHECK(p.status == 421);
    CHECK(p.code == "host_not_allowed");
    CHECK(p.title == "Misdirected Request");
    CHECK(p.detail == "not served");
    CHECK(p.hint == "add it");
}

TEST_CASE("the problem of a failed job carries pgBackRest's code and name", "[unit][api]") {
    auto job = failed_backup();
    job.error->name = "odd\"name";

    const auto answer = http::to_response(problem_of(job), get("/"));

    CHECK(answer.status == 500);
    const auto body = json::parse(answer.body).as_object();
    CHECK(body.at("code") == "job_failed");
    CHECK(body.at("job") == "12");
    CHECK(body.at("pgbackrest_code") == 82);
    CHECK(body.at("pgbackrest_name") == "odd\"name");
    CHECK(body.at("detail") == "WAL segment was not archived");
}

TEST_CASE(
    "an interrupted job without an error of pgBackRest's still has a problem", "[unit][api]") {
    auto job = failed_backup();
    job.state = jobs::job_state::interrupted;
    job.error.reset();

    const auto body = json::parse(http::to_response(problem_of(job), get("/")).body).as_object();

    CHECK(body.at("code") == "job_interrupted");
    CHECK_FALSE(body.contains("pgbackrest_code"));
}

TEST_CASE("only who asks for JSON by name gets it from a classic page", "[unit][api]") {
    CHECK(asks_for_json(get("/", {{"accept", "application/json"}})));
    CHECK(asks_for_json(get("/", {{"accept", "application/problem+json"}})));
    CHECK_FALSE(asks_for_json(get("/")));
    CHECK_FALSE(asks_for_json(get("/", {{"accept", "*/*"}})));
    CHECK_FALSE(asks_for_json(get("/", {{"accept", "text/html,application/json;q=0.5"}})));
}

} // namespace restpoint::api
