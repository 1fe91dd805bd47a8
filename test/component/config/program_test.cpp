#include "base/file.hpp"
#include "config/render.hpp"
#include "program.hpp"
#include "support/catch.hpp"

#include <regex>

using namespace restpoint;
using test::run_restpoint;
using test::scratch_folder;

TEST_CASE("without a subcommand there is help and exit code 2", "[component][config]") {
    const auto ended = run_restpoint({});

    CHECK(ended.exit_code == 2);
    CHECK(ended.out.empty());
    CHECK_THAT(ended.err, ContainsSubstring("usage: restpoint COMMAND"));
}

TEST_CASE("help lists the commands and every flag", "[component][config]") {
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"--help"}, {"serve", "--help"}, {"config", "check", "-h"}}) {
        const auto ended = run_restpoint(arguments);

        CHECK(ended.exit_code == 0);
        CHECK(ended.err.empty());
        CHECK_THAT(ended.out, ContainsSubstring("config check"));
        CHECK_THAT(ended.out, ContainsSubstring("--server.listen="));
        CHECK(ended.out.find("job-exec") == std::string::npos);
    }
}

TEST_CASE("the version is the program's", "[component][config]") {
    const auto ended = run_restpoint({"--version"});

    CHECK(ended.exit_code == 0);
    CHECK(std::regex_match(ended.out, std::regex("restpoint \\d+\\.\\d+\\.\\d+\n")));
}

TEST_CASE("what is unknown is named in one sentence, with exit code 2", "[component][config]") {
    const auto one_sentence = [](const std::vector<std::string>& arguments, const char* named) {
        const auto ended = run_restpoint(arguments);
        CAPTURE(ended.err);
        CHECK(ended.exit_code == 2);
        CHECK(ended.out.empty());
        CHECK_THAT(ended.err, StartsWith("restpoint: ") && ContainsSubstring(named));
    };

    one_sentence({"frobnicate"}, "unknown command 'frobnicate'");
    one_sentence({"--frobnicate"}, "unknown flag '--frobnicate'");
    one_sentence({"config"}, "config needs a subcommand");
    one_sentence({"config", "frob"}, "'config frob'");
    one_sentence({"config", "table", "x"}, "takes no arguments");
    one_sentence({"config", "check", "--frob"}, "unknown flag --frob");
    one_sentence({"serve", "--frob"}, "unknown flag --frob");
    one_sentence({"job-exec", "--id", "x"}, "job-exec is internal");
}

TEST_CASE("a right configuration is confirmed in one line", "[component][config]") {
    const scratch_folder folder;
    const auto file = folder.write("r.toml", "[postgres]\nport = 5433\n");

    const auto ended = run_restpoint({"config", "check", "--config", file});

    CHECK(ended.exit_code == 0);
    CHECK(ended.err.empty());
    CHECK(ended.out == "the configuration is right (" + file + ")\n");
}

TEST_CASE("every problem is told, with exit code 1", "[component][config]") {
    const scratch_folder folder;
    const auto file = folder.write("r.toml", "[postgres]\nport = 0\nprot = 1\n");

    const auto ended = run_restpoint(
        {"config", "check", "--log.level=loud"},
        {"RESTPOINT_CONFIG=" + file, "RESTPOINT_STATE_DIR=here"});

    CHECK(ended.exit_code == 1);
    CHECK(ended.out.empty());
    CHECK_THAT(ended.err, ContainsSubstring(file + ":2: postgres.port = 0"));
    CHECK_THAT(ended.err, ContainsSubstring(file + ":3: unknown key 'postgres.prot'"));
    CHECK_THAT(ended.err, ContainsSubstring("environment RESTPOINT_STATE_DIR: state.dir"));
    CHECK_THAT(ended.err, ContainsSubstring("flag --log.level: log.level"));
}

TEST_CASE("what is shown is a file that means the same", "[component][config]") {
    const scratch_folder folder;
    const auto shown = run_restpoint({"config", "show", "--postgres.port=5433"});
    REQUIRE(shown.exit_code == 0);
    CHECK_THAT(shown.out, ContainsSubstring("port = 5433  # flag --postgres.port\n"));

    const auto again =
        run_restpoint({"config", "show", "--config", folder.write("r.toml", shown.out)});

    const std::regex source("  # .*");
    CHECK(again.exit_code == 0);
    CHECK(std::regex_replace(again.out, source, "") == std::regex_replace(shown.out, source, ""));
}

TEST_CASE("table and example are those of the module", "[component][config]") {
    CHECK(run_restpoint({"config", "table"}).out == config::render_table());
    CHECK(run_restpoint({"config", "example"}).out == config::render_example());
}

TEST_CASE("the service does not start on a wrong configuration", "[component][config]") {
    const auto ended = run_restpoint({"serve", "--auth.mode=none", "--auth.anonymous=viewer"});

    CHECK(ended.exit_code == 2);
    CHECK_THAT(ended.err, ContainsSubstring("flag --auth.anonymous: auth.anonymous: "));
    CHECK_THAT(ended.err, ContainsSubstring("hint: "));
}

TEST_CASE(
    "job-exec writes what was said, leaves out noise and thins detail", "[component][config]") {
    const scratch_folder folder;
    const std::string time = "2026-11-22 06:42:35.140 ";
    const std::string said = time + "P00   INFO: backup begins\n";
    const std::string noise = time + "P00 DETAIL: reference pg_data/base/1/2 to 20261122-064458F\n";
    const std::string detail =
        time + "P01 DETAIL: backup file /x (8KB, 10%)\n       and more of it\n";
    const std::string hint = time + "P00  ERROR: [055]: missing\n       HINT: look there\n";

    const auto ended = run_restpoint(
        {"job-exec", "--folder", folder.path().native(), "--id", "j1", "--detail-cap", "0",
         "--orphan-grace", "1", "--", "/usr/bin/printf", "%s", said + noise + detail + hint});

    CAPTURE(ended.err);
    CHECK(ended.exit_code == 0);
    const auto log = read_file(folder.path() / "j1.log").value();
    CHECK_THAT(log, StartsWith(said));
    CHECK_THAT(log, ContainsSubstring(hint));
    CHECK(log.find("reference") == std::string::npos);
    CHECK(log.find("backup file") == std::string::npos);
    CHECK(log.find("and more of it") == std::string::npos);
    const std::regex own("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3} RST   WARN: .+");
    CHECK(std::regex_search(log, own));
    CHECK_THAT(read_file(folder.path() / "j1.exit").value(), ContainsSubstring("\"exit_code\":0"));
}
