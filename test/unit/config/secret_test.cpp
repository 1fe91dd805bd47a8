#include "config/constraint.hpp"
#include "config/render.hpp"
#include "loading.hpp"
#include "support/catch.hpp"

using namespace restpoint::config;

namespace {

/// A table with a secret in it: the mechanism is there before the first secret key is.
std::vector<key> table_with_secret() {
    return {
        {.name = "auth.password",
         .form = shape::text,
         .allowed = "at least 3 letters",
         .help = "For tests.",
         .set = [](settings& s, const value& v) -> std::optional<objection> {
             if (std::get<std::string>(v).size() < 3) {
                 return objection{};
             }
             s.pgbackrest.stanza = std::get<std::string>(v);
             return {};
         },
         .get = [](const settings& s) -> value { return s.pgbackrest.stanza; },
         .secret = secrecy::secret}};
}

loaded load_secret(const std::vector<std::string>& environment, const std::string& file = "") {
    const auto table = table_with_secret();
    return load({{}, environment, file}, table);
}

} // namespace

TEST_CASE("a secret can be read from a file that the environment names", "[config]") {
    const scratch_folder folder;
    const auto path = folder.write("password", "hunter2\n");

    const auto found = load_secret({"RESTPOINT_AUTH_PASSWORD_FILE=" + path});

    CHECK(problems_of(found).empty());
    CHECK(found.values.pgbackrest.stanza == "hunter2");
    CHECK(found.sources.at("auth.password") == "environment RESTPOINT_AUTH_PASSWORD_FILE");
}

TEST_CASE("a secret is in no message and in no listing", "[config]") {
    const scratch_folder folder;
    const auto table = table_with_secret();
    const auto path = folder.write("password", "hunter2");

    const auto shown = render_show(load_secret({"RESTPOINT_AUTH_PASSWORD_FILE=" + path}), table);
    CHECK(shown.find("hunter2") == std::string::npos);
    CHECK_THAT(shown, ContainsSubstring("#password = \"********\""));

    CHECK_THAT(
        problems_of(load_secret({"RESTPOINT_AUTH_PASSWORD=zq"})),
        ContainsSubstring("auth.password = (not shown) must be at least 3 letters") &&
            !ContainsSubstring("zq"));
    const auto file = folder.write("r.toml", "[auth]\npassword = 4711\n");
    CHECK_THAT(
        problems_of(load_secret({}, file)),
        ContainsSubstring("wrong type") && !ContainsSubstring("4711"));
}

TEST_CASE("a secret is not taken from flags, and not twice", "[config]") {
    const scratch_folder folder;
    const auto path = folder.write("password", "hunter2");
    const auto table = table_with_secret();

    const auto by_flag = load({{"--auth.password=hunter2"}, {}, ""}, table);
    REQUIRE(by_flag.problems.size() == 1);
    CHECK_THAT(by_flag.problems[0].hint, ContainsSubstring("RESTPOINT_AUTH_PASSWORD_FILE"));
    CHECK_THAT(problems_of(by_flag), !ContainsSubstring("hunter2"));

    const auto twice =
        load_secret({"RESTPOINT_AUTH_PASSWORD=abc", "RESTPOINT_AUTH_PASSWORD_FILE=" + path});
    REQUIRE(twice.problems.size() == 1);
    CHECK_THAT(twice.problems[0].detail, ContainsSubstring("both set"));

    CHECK(load_secret({"RESTPOINT_AUTH_PASSWORD_FILE=/nonexistent"}).problems.size() == 1);
}

TEST_CASE("what is no secret is not read from a file", "[config]") {
    const auto found = load_without_file({"RESTPOINT_STATE_DIR_FILE=/etc/hostname"});

    REQUIRE(found.problems.size() == 1);
    CHECK_THAT(found.problems[0].detail, ContainsSubstring("state.dir is no secret"));
}

TEST_CASE("variables for pgBackRest keep their secrets", "[config]") {
    const auto found = load_file("[pgbackrest.environment]\n"
                                 "PGBACKREST_REPO1_CIPHER_PASS = \"zwiebel\"\n"
                                 "PGBACKREST_REPO1_S3_KEY_SECRET = \"zwiebel\"\n"
                                 "HTTPS_PROXY = \"http://proxy:3128\"\n");

    CHECK(problems_of(found).empty());
    CHECK(found.values.pgbackrest.environment.at("PGBACKREST_REPO1_CIPHER_PASS") == "zwiebel");
    const auto shown = render_show(found);
    CHECK(shown.find("zwiebel") == std::string::npos);
    CHECK_THAT(shown, ContainsSubstring("#PGBACKREST_REPO1_CIPHER_PASS = \"********\""));
    CHECK_THAT(shown, ContainsSubstring("\nHTTPS_PROXY = \"http://proxy:3128\""));
}

TEST_CASE("which names hold secrets is told by the name", "[config]") {
    for (const auto* name :
         {"PGBACKREST_REPO1_CIPHER_PASS", "PGBACKREST_REPO2_S3_KEY", "PGBACKREST_REPO1_S3_TOKEN",
          "PGPASSWORD", "aws_secret_access_key"}) {
        CAPTURE(name);
        CHECK(holds_secret(name));
    }
    for (const auto* name : {"PGBACKREST_REPO1_PATH", "TZ", "HTTPS_PROXY"}) {
        CAPTURE(name);
        CHECK_FALSE(holds_secret(name));
    }
}

TEST_CASE("variables that would change what restpoint asks for are refused", "[config]") {
    for (const std::string name :
         {"PGBACKREST_STANZA", "PGBACKREST_CONFIG", "PGBACKREST_LOG_LEVEL_CONSOLE",
          "PGBACKREST_LOG_LEVEL_STDERR", "PGBACKREST_LOG_LEVEL_FILE", "PGBACKREST_LOG_TIMESTAMP",
          "PGBACKREST_DRY_RUN", "PGBACKREST_TYPE", "PGBACKREST_SET", "PGBACKREST_OUTPUT",
          "RESTPOINT_STATE_DIR"}) {
        CAPTURE(name);
        const auto found = load_file("[pgbackrest.environment]\n" + name + " = \"topsecret\"\n");
        REQUIRE(found.problems.size() == 1);
        CHECK_THAT(found.problems[0].where, ContainsSubstring("r.toml:2"));
        CHECK(
            found.problems[0].detail == "pgbackrest.environment." + name + " must not be set here");
        CHECK_FALSE(found.problems[0].hint.empty());
    }
}

TEST_CASE("a variable needs a name and a text that the environment can hold", "[config]") {
    for (const auto* line :
         {"\"A B\" = \"x\"", "1A = \"x\"", "\"A=B\" = \"x\"", "\"\" = \"x\"", "A = \"x\\u0000y\"",
          "A = 5", "A = true"}) {
        CAPTURE(line);
        const auto found = load_file(std::string("[pgbackrest.environment]\n") + line + "\n");
        REQUIRE(found.problems.size() == 1);
        CHECK(found.problems[0].key == "pgbackrest.environment");
    }
}

TEST_CASE("variables for pgBackRest come from the file alone", "[config]") {
    CHECK_THAT(
        problems_of(load_without_file({"RESTPOINT_PGBACKREST_ENVIRONMENT_TZ=UTC"})),
        ContainsSubstring("pgbackrest.environment cannot be set in the environment"));
    CHECK_THAT(
        problems_of(load_without_file({}, {"--pgbackrest.environment=TZ=UTC"})),
        ContainsSubstring("pgbackrest.environment cannot be set by a flag"));
}

TEST_CASE("a text where the variables belong is not repeated in the message", "[config]") {
    const auto found =
        load_file("[pgbackrest]\nenvironment = \"PGBACKREST_REPO1_CIPHER_PASS=zwiebel\"\n");

    REQUIRE(found.problems.size() == 1);
    CHECK(
        found.problems[0].detail ==
        "pgbackrest.environment = (not shown) has the wrong type: it must be a table of NAME = "
        "\"value\"");
}
