// The API v1: what a restore would do.
#include "restore_world.hpp"

using namespace restpoint;
using namespace restpoint::test;
namespace json = boost::json;

namespace {

std::vector<std::string> codes(const json::object& plan) {
    std::vector<std::string> all;
    for (const auto& one : plan.at("refusals").as_array()) {
        all.emplace_back(one.at("code").as_string());
    }
    return all;
}

} // namespace

TEST_CASE(
    "a plan has a name, and hashes the same as long as it does the same", "[component][api]") {
    planning at;

    const auto first = at.ask_for(R"({"target": {"type": "immediate"}, "timeline": 1})");
    const auto again = at.ask_for(R"({"timeline": 1, "target": {"type": "immediate"}})");

    INFO(first);
    CHECK(codes(first).empty());
    CHECK(first.at("can_be_carried_out") == true);
    CHECK(first.at("data_directory") == "/pg/data");
    CHECK(first.at("digest").as_string().size() == 64);
    CHECK(first.at("digest") == again.at("digest"));
    CHECK(first.at("id") != again.at("id"));

    at.around().where.inode = 7; // another directory under the same name
    const auto other = at.ask_for(R"({"target": {"type": "immediate"}, "timeline": 1})");
    CHECK(other.at("digest") != first.at("digest"));
}

TEST_CASE("what stands in the way of a restore is in its plan", "[component][api]") {
    planning at;
    at.around().stop_files = {"/tmp/pgbackrest/main.stop"};
    CHECK(
        codes(at.ask_for(R"({"timeline": 1, "target": {"type": "immediate"}})")) ==
        std::vector<std::string>{"stop_file"});

    at.around().stop_files.clear();
    at.around().where.data_directory.clear();
    CHECK(
        codes(at.ask_for(R"({"timeline": 1, "target": {"type": "immediate"}})")) ==
        std::vector<std::string>{"place_unclear"});

    at.around().stopped->system_id = 1;
    at.around().where.data_directory = "/pg/data";
    CHECK(codes(at.ask_for("")) == std::vector<std::string>{"other_cluster"});
}

TEST_CASE("a request for a plan that cannot be meant is refused", "[component][api]") {
    running_service service;

    const auto wrong =
        ask(service.port(), "POST", plans, "", R"({"target": {"type": "time", "value": "noon"}})");
    CHECK(wrong.status == 400);
    CHECK(object(wrong).at("detail").as_string().find("no time with a zone") != std::string::npos);
    CHECK(ask(service.port(), "POST", "/api/v1/stanzas/other/restore-plans").status == 404);
    CHECK(ask(service.port(), "POST", plans, "Sec-Fetch-Site: cross-site\r\n").status == 403);
}

TEST_CASE("without info there is no plan, and the answer says why", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_INFO=/nowhere"});
    const auto answer = ask(service.port(), "POST", plans);
    CHECK(answer.status == 503);
}

TEST_CASE("what is in an archive that cannot be listed is not guessed", "[component][api]") {
    running_service service;
    const auto answer = object(ask(service.port(), "POST", plans));
    CHECK(codes(answer).front() == "archive_unreadable");
}
