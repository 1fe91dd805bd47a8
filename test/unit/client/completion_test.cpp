#include "client/completion.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace restpoint;
using namespace restpoint::client;

namespace {

using line = std::vector<std::string>;

suggestions suggested(const line& typed) {
    const line service_flags{"--config=", "--server.listen=", "--state.dir="};
    return suggest(typed, service_flags);
}

line words_for(const line& typed) {
    line words;
    for (const auto& one : suggested(typed).words) {
        words.push_back(one.word);
    }
    return words;
}

bool offers(const line& typed, const std::string& word) {
    const auto words = words_for(typed);
    return std::ranges::find(words, word) != words.end();
}

} // namespace

TEST_CASE("the first word is a command, each once", "[unit][client]") {
    const auto all = words_for({""});

    CHECK(offers({""}, "backup"));
    CHECK(std::ranges::count(all, "schedule") == 1);
    CHECK(std::ranges::count(all, "token") == 1);
    CHECK(words_for({"ba"}) == line{"backup"});
    CHECK(words_for({"jo"}) == line{"jobs", "job"});
    CHECK(words_for({"--v"}) == line{"--version"});
    CHECK(words_for({"frob"}).empty());
    CHECK(words_for({"frob", ""}).empty());
    CHECK(words_for({"frob", "x", ""}).empty());
    CHECK(words_for({}).empty());
}

TEST_CASE("a command in two words is completed word by word", "[unit][client]") {
    CHECK(words_for({"schedule", ""}) == line{"show", "list", "run", "pause", "resume"});
    CHECK(words_for({"token", "re"}) == line{"revoke"});
    CHECK(words_for({"completion", ""}) == line{"bash", "zsh"});
    CHECK(words_for({"completion", "bash", ""}).empty());
}

TEST_CASE("flags are those of the command, without those that are there", "[unit][client]") {
    CHECK(words_for({"backup", "--t"}) == line{"--token-file", "--type"});
    CHECK(words_for({"backup", "--type", "full", "--t"}) == line{"--token-file"});
    CHECK(words_for({"backup", "--type=full", "--ty"}).empty());
    CHECK(words_for({"backup", "--annotation", "a=b", "--a"}) == line{"--annotation"});
    CHECK(words_for({"check", "--ty"}).empty());
    CHECK(offers({"backup", ""}, "--queue"));
    CHECK_FALSE(offers({"backup", "--queue", ""}, "--queue"));
}

TEST_CASE("a flag says what it is about", "[unit][client]") {
    const auto found = suggested({"logs", "7", "--fo"});

    CHECK(found.words == std::vector<suggestion>{{"--follow", "goes on while the job runs"}});
}

TEST_CASE("values that are known are completed, apart or behind an equals sign", "[unit][client]") {
    CHECK(words_for({"backup", "--type", ""}) == line{"full", "diff", "incr"});
    CHECK(words_for({"backup", "--type", "d"}) == line{"diff"});
    CHECK(words_for({"backup", "--type=d"}) == line{"--type=diff"});
    CHECK(words_for({"jobs", "--state", "r"}) == line{"running"});
    CHECK(words_for({"jobs", "--output=j"}) == line{"--output=json"});
    CHECK(words_for({"backup", "--frob=d"}).empty());
    CHECK(words_for({"backup", "--queue=d"}).empty());
}

TEST_CASE("values that nobody knows are not completed", "[unit][client]") {
    const auto found = suggested({"backup", "--annotation", ""});

    CHECK(found.words.empty());
    CHECK(found.more == origin::nowhere);
}

TEST_CASE("what the service knows is asked for", "[unit][client]") {
    CHECK(suggested({"logs", ""}).more == origin::jobs);
    CHECK(suggested({"job", "1"}).typed == "1");
    CHECK(suggested({"cancel", ""}).more == origin::live_jobs);
    CHECK(suggested({"schedule", "run", "--queue", ""}).more == origin::schedules);
    CHECK(suggested({"backup", "--stanza", "m"}).more == origin::stanzas);
    CHECK(suggested({"logs", "7", ""}).more == origin::nowhere);
    CHECK(suggested({"logs", "-"}).more == origin::nowhere);

    const auto joined = suggested({"info", "--stanza=ma"});
    CHECK(joined.more == origin::stanzas);
    CHECK(joined.before == "--stanza=");
    CHECK(joined.typed == "ma");
}

TEST_CASE("it is asked where the line says", "[unit][client]") {
    const auto found =
        suggested({"logs", "--server", "http://db:5000", "--token-file=/t", "--wrong", ""});

    CHECK(found.so_far.server == "http://db:5000");
    CHECK(found.so_far.token_file == "/t");
    CHECK(found.more == origin::jobs);
    CHECK(suggested({"logs", ""}).so_far.server == order().server);
}

TEST_CASE("files are completed by the shell", "[unit][client]") {
    CHECK(suggested({"jobs", "--token-file", ""}).more == origin::files);
    CHECK(suggested({"serve", "--config", ""}).more == origin::files);
    CHECK(suggested({"serve", "--config=/etc"}).more == origin::files);
    CHECK(suggested({"config", "table", "--config="}).more == origin::nowhere);
}

TEST_CASE("commands that ask nobody have the flags of the configuration", "[unit][client]") {
    CHECK(words_for({"serve", "--s"}) == line{"--server.listen=", "--state.dir="});
    CHECK(words_for({"config", "show", "--c"}) == line{"--config="});
    CHECK(words_for({"config", "table", "--c"}).empty());
    CHECK(words_for({"serve", ""}).empty());
}

TEST_CASE("a token is made with a role that there is", "[unit][client]") {
    CHECK(words_for({"token", "create", ""}) == line{"--name", "--role", "--expires-in"});
    CHECK(words_for({"token", "create", "--role", ""}) == line{"viewer", "operator", "admin"});
    CHECK(words_for({"token", "create", "--role=o"}) == line{"--role=operator"});
    CHECK(words_for({"token", "create", "--name", ""}).empty());
}

TEST_CASE("there are scripts for two shells", "[unit][client]") {
    CHECK_THAT(std::string(completion_script("bash")), ContainsSubstring("complete -F"));
    CHECK_THAT(std::string(completion_script("zsh")), StartsWith("#compdef restpoint\n"));
    CHECK(completion_script("fish").empty());
}
