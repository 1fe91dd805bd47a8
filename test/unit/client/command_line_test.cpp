#include "client/command_line.hpp"
#include "support/catch.hpp"

#include <utility>
#include <vector>

using namespace restpoint;
using namespace restpoint::client;

namespace {

result<order> parse(verb what, const std::vector<std::string>& words, std::string server = {}) {
    return parse_command_line(what, words, {std::move(server), "shop"});
}

std::string refused(verb what, const std::vector<std::string>& words) {
    const auto made = parse(what, words);
    REQUIRE(!made);
    CHECK(made.error().code == errc::invalid);
    return made.error().detail + "; " + made.error().hint;
}

} // namespace

TEST_CASE("the commands of the client are known, and others are not", "[unit][client]") {
    CHECK(parse_verb("backup") == verb::backup);
    CHECK(parse_verb("cancel") == verb::cancel);
    CHECK(parse_verb("schedule run") == verb::schedule_run);
    CHECK(!parse_verb("schedule show"));
    CHECK(!parse_verb("serve"));
    CHECK(!parse_verb(""));
}

TEST_CASE("a command without flags means what is usual", "[unit][client]") {
    const auto made = parse(verb::backup, {}).value();

    CHECK(made.server == "http://127.0.0.1:5000");
    CHECK(made.stanza == "main");
    CHECK(made.type == "incr");
    CHECK(made.wait);
    CHECK_FALSE(made.queue);
    CHECK_FALSE(made.json);
}

TEST_CASE("the service of this machine is asked for its own stanza", "[unit][client]") {
    CHECK(parse(verb::backup, {}, "unix:/run/s").value().stanza == "shop");
    CHECK(parse(verb::backup, {"--stanza=main"}, "unix:/run/s").value().stanza == "main");
    CHECK(parse(verb::backup, {"--server=http://db:5000"}, "unix:/run/s").value().stanza == "main");
}

TEST_CASE("a flag's value stands behind it or behind an equals sign", "[unit][client]") {
    const auto apart = parse(verb::backup, {"--type", "diff", "--repo", "2"}).value();
    const auto joined = parse(verb::backup, {"--type=diff", "--repo=2"}).value();

    CHECK(apart.type == "diff");
    CHECK(apart.repo == 2);
    CHECK(joined.type == "diff");
    CHECK(joined.repo == 2);
}

TEST_CASE("every flag of a restore is taken", "[unit][client]") {
    const auto made = parse(
                          verb::restore, {"--plan", "--target-time=2026-11-22T08:30:00Z",
                                          "--set=20261122-064235F", "--timeline=2", "--repo=1",
                                          "--way=in_place", "--acknowledge=standbys_attached",
                                          "--acknowledge", "commits_missing", "--confirm=main"})
                          .value();

    CHECK(made.wish.plan_only);
    CHECK_FALSE(made.wish.runbook);
    CHECK(made.wish.target_type == "time");
    CHECK(made.wish.target_value == "2026-11-22T08:30:00Z");
    CHECK(made.wish.set == "20261122-064235F");
    CHECK(made.wish.timeline == 2);
    CHECK(made.repo == 1);
    CHECK(made.wish.way == "in_place");
    CHECK(
        made.wish.acknowledged == std::vector<std::string>{"standbys_attached", "commits_missing"});
    CHECK(made.wish.confirm == "main");
}

TEST_CASE("each target of a restore has a flag, and there is one target", "[unit][client]") {
    const auto target = [](const std::string& word) {
        const auto made = parse(verb::restore, {word}).value();
        return made.wish.target_type + " " + made.wish.target_value;
    };
    CHECK(target("--target-lsn=0/5") == "lsn 0/5");
    CHECK(target("--target-xid=700") == "xid 700");
    CHECK(target("--target-name=before it") == "name before it");
    CHECK(target("--immediate") == "immediate ");
    CHECK(parse(verb::restore, {"--runbook"}).value().wish.plan_only);
    CHECK(parse(verb::restore, {}).value().wish.target_type.empty());

    CHECK_THAT(
        refused(verb::restore, {"--immediate", "--target-lsn=0/5"}),
        ContainsSubstring("one target"));
    for (const auto* const word :
         {"--target-time=", "--target-lsn=", "--target-xid=", "--target-name=", "--set=",
          "--timeline=0", "--way=sideways", "--acknowledge=", "--confirm="}) {
        INFO(word);
        CHECK_THAT(refused(verb::restore, {word}), ContainsSubstring("cannot be"));
    }
}

TEST_CASE("undo and forget need the id of a job", "[unit][client]") {
    CHECK(parse(verb::undo, {"7", "--confirm=main"}).value().id == "7");
    CHECK(parse(verb::forget, {"7", "--no-wait"}).value().id == "7");
    CHECK_THAT(refused(verb::undo, {}), ContainsSubstring("needs the id of a job"));
}

TEST_CASE("every flag of a backup is taken", "[unit][client]") {
    const auto made =
        parse(
            verb::backup, {"--annotation", "ticket=OPS-1", "--annotation=why=a=b", "--no-wait",
                           "--queue", "--output", "json", "--stanza", "demo", "--token-file", "/t"})
            .value();

    CHECK(
        made.annotations ==
        std::map<std::string, std::string>{{"ticket", "OPS-1"}, {"why", "a=b"}});
    CHECK_FALSE(made.wait);
    CHECK(made.queue);
    CHECK(made.json);
    CHECK(made.stanza == "demo");
    CHECK(made.token_file == "/t");
}

TEST_CASE("the mode of a stop is one that there is", "[unit][client]") {
    CHECK(parse_verb("postgres stop") == verb::postgres_stop);
    CHECK(parse(verb::postgres_stop, {}).value().mode.empty());
    CHECK(parse(verb::postgres_restart, {"--mode=immediate"}).value().mode == "immediate");
    CHECK_THAT(
        refused(verb::postgres_stop, {"--mode", "smart"}), ContainsSubstring("fast or immediate"));
    CHECK_THAT(refused(verb::postgres_start, {"--mode", "fast"}), ContainsSubstring("--mode"));
}

TEST_CASE("a filter of jobs is kept as the query has it", "[unit][client]") {
    const auto made =
        parse(verb::jobs, {"--state=failed", "--kind", "backup", "--limit", "5"}).value();

    CHECK(
        made.filter == std::map<std::string, std::string>{
                           {"state", "failed"}, {"kind", "backup"}, {"limit", "5"}});
}

TEST_CASE("a log is named by its job", "[unit][client]") {
    const auto made = parse(verb::logs, {"17", "--follow", "--level", "info"}).value();

    CHECK(made.id == "17");
    CHECK(made.follow);
    CHECK(made.level == "info");
}

TEST_CASE("a flag goes over the environment, which goes over the default", "[unit][client]") {
    CHECK(parse(verb::jobs, {}, "http://a").value().server == "http://a");
    CHECK(parse(verb::jobs, {"--server=http://b"}, "http://a").value().server == "http://b");
}

TEST_CASE("what is wrong on a command line is named, with what is allowed", "[unit][client]") {
    CHECK(
        refused(verb::backup, {"--type", "weekly"}) ==
        "flag '--type' cannot be 'weekly'; allowed: full, diff or incr");
    CHECK(
        refused(verb::backup, {"--type"}) ==
        "flag '--type' needs a value; allowed: full, diff or incr");
    CHECK(
        refused(verb::backup, {"--queue=yes"}) ==
        "flag '--queue' takes no value; 'restpoint backup --help' lists what there is");
    CHECK(
        refused(verb::check, {"--type=full"}) ==
        "'check' takes no flag '--type'; 'restpoint check --help' lists what there is");
    CHECK(
        refused(verb::jobs, {"--wat"}) ==
        "'jobs' takes no flag '--wat'; 'restpoint jobs --help' lists what there is");
    CHECK(
        refused(verb::jobs, {"7"}) ==
        "'jobs' does not understand '7'; did you mean 'restpoint job 7'?");
    CHECK_THAT(refused(verb::jobs, {""}), EndsWith("'restpoint jobs --help' lists what there is"));
    CHECK(refused(verb::job, {}) == "'job' needs the id of a job; 'restpoint jobs' lists them");
    CHECK(
        refused(verb::job, {"seven"}) == "'seven' is no id of a job; 'restpoint jobs' lists them");
    CHECK_THAT(refused(verb::job, {"7", "8"}), StartsWith("'job' does not understand '8'"));
}

TEST_CASE("a schedule is named, and run like what starts a job", "[unit][client]") {
    CHECK(parse(verb::schedule_run, {"nightly", "--queue"}).value().id == "nightly");
    CHECK(
        refused(verb::schedule_pause, {}) ==
        "'schedule pause' needs the name of a schedule; 'restpoint schedule list' lists them");
    CHECK_THAT(
        refused(verb::schedule_run, {"nightly", "--stanza=x"}),
        StartsWith("'schedule run' takes no flag '--stanza'"));
}

TEST_CASE("values that cannot be right are refused before they are sent", "[unit][client]") {
    const auto bad = GENERATE(
        std::vector<std::string>{"--annotation=x"}, std::vector<std::string>{"--annotation==x"},
        std::vector<std::string>{"--annotation=x=\xff"}, std::vector<std::string>{"--repo=0"},
        std::vector<std::string>{"--repo=1x"}, std::vector<std::string>{"--output=xml"},
        std::vector<std::string>{"--stanza="});

    CHECK_THAT(refused(verb::backup, bad), StartsWith("flag '--"));
}

TEST_CASE("empty filters are refused", "[unit][client]") {
    const auto bad =
        GENERATE(as<std::string>(), "--state=", "--kind=", "--limit=-1", "--limit=many");

    CHECK_THAT(refused(verb::jobs, {bad}), StartsWith("flag '--"));
}

TEST_CASE("a slip of the finger is told what was meant", "[unit][client]") {
    CHECK(
        refused(verb::backup, {"--type", "dif"}) ==
        "flag '--type' cannot be 'dif'; allowed: full, diff or incr; did you mean 'diff'?");
    CHECK(
        refused(verb::backup, {"--tpye=full"}) ==
        "'backup' takes no flag '--tpye'; did you mean '--type'?");
}

TEST_CASE("an id of a job is a number of any length", "[unit][client]") {
    CHECK(parse(verb::job, {"9223372036854775807"}).value().id == "9223372036854775807");
    for (const auto* const bad : {"0", "07", "7a", "+7"}) {
        CHECK_THAT(refused(verb::job, {bad}), ContainsSubstring("is no id of a job"));
    }
    CHECK(refused(verb::job, {""}) == "'job' needs the id of a job; 'restpoint jobs' lists them");
}

TEST_CASE(
    "states and levels that there are not are refused before they are sent", "[unit][client]") {
    CHECK_THAT(refused(verb::jobs, {"--state=runing"}), EndsWith("did you mean 'running'?"));
    CHECK_THAT(refused(verb::logs, {"7", "--level=loud"}), StartsWith("flag '--level' cannot be"));
    CHECK(parse(verb::jobs, {"--kind=of-a-newer-service"}));
}

TEST_CASE("files for TLS are named by flags", "[unit][client]") {
    const auto made = parse(verb::jobs, {"--ca-file=/ca", "--cert", "/c", "--key", "/k"}).value();

    CHECK(made.ca_file == "/ca");
    CHECK(made.certificate == "/c");
    CHECK(made.key == "/k");
    CHECK_FALSE(parse(verb::jobs, {"--ca-file="}));
}
