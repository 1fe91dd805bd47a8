#include "component/client/scripted_server.hpp"
#include "component/config/program.hpp"
#include "support/catch.hpp"

using namespace restpoint;
using test::json_answer;
using test::run_restpoint;
using test::scripted_server;

TEST_CASE("words that only the service knows are asked for", "[component][client]") {
    const std::string jobs = R"({"jobs":[
        {"id":"17","kind":"backup","stanza":"main","type":"full","state":"running"},
        {"id":"16","kind":"check","stanza":"main","type":null,"state":"failed"}]})";
    scripted_server server(
        {json_answer("200 OK", jobs), json_answer("200 OK", jobs),
         json_answer("200 OK", R"({"stanzas":[{"name":"main","state":"ok"}]})"),
         json_answer("200 OK", R"({"schedules":[{"name":"nightly","cron":"@daily"},
                                                {"name":"weekly","cron":"@weekly"}]})")});
    const auto words = [&](const std::vector<std::string>& line) {
        std::vector<std::string> all{"completion", "words"};
        all.insert(all.end(), line.begin(), line.end());
        const auto ended = run_restpoint(all);
        CHECK(ended.exit_code == 0);
        CHECK(ended.err.empty());
        return ended.out;
    };

    CHECK(
        words({"logs", server.flag(), ""}) ==
        "17\tfull backup of main, running\n16\tcheck of main, failed\n");
    CHECK(words({"cancel", server.flag(), ""}) == "17\tfull backup of main, running\n");
    CHECK(words({"info", server.flag(), "--stanza=m"}) == "--stanza=main\tok\n");
    CHECK(words({"schedule", "run", server.flag(), "ni"}) == "nightly\t@daily\n");
    CHECK(server.requests().size() == 4);
}

TEST_CASE("what the service does not say is nothing to complete", "[component][client]") {
    scripted_server server({json_answer("401 Unauthorized", R"({"code":"token_missing"})"), ""});

    for (int i = 0; i < 2; ++i) {
        const auto ended = run_restpoint({"completion", "words", "logs", server.flag(), ""});
        CHECK(ended.exit_code == 0);
        CHECK(ended.out.empty());
        CHECK(ended.err.empty());
    }
    const auto nowhere = run_restpoint({"completion", "words", "logs", "--server=x", ""});
    CHECK(nowhere.exit_code == 0);
    CHECK(nowhere.out.empty());
}

TEST_CASE("a line that asks for help is completed all the same", "[component][client]") {
    CHECK(run_restpoint({"completion", "words", "--he"}).out == "--help\twhat there is\n");
    CHECK(
        run_restpoint({"completion", "words", "backup", "--help", "--ty"}).out.find("--type") == 0);
}

TEST_CASE("the service's flags are those of the configuration", "[component][client]") {
    CHECK_THAT(
        run_restpoint({"completion", "words", "serve", "--server.l"}).out,
        StartsWith("--server.listen=\t"));
    CHECK(run_restpoint({"completion", "words", "serve", "--config="}).out == ":files\t\n");
}

TEST_CASE("another shell is refused by name", "[component][client]") {
    const auto ended = run_restpoint({"completion", "fish"});

    CHECK(ended.exit_code == 2);
    CHECK(ended.out.empty());
    CHECK_THAT(ended.err, ContainsSubstring("not for 'fish'"));
    CHECK(run_restpoint({"completion"}).exit_code == 2);
    CHECK(run_restpoint({"completion", "bash", "zsh"}).exit_code == 2);
}
