#include "loading.hpp"
#include "support/catch.hpp"

using namespace restpoint::config;

TEST_CASE("every problem of a file is told at once, each with its line", "[config]") {
    const auto found = load_file("[server]\n"
                                 "lisen = \"127.0.0.1:1\"\n"
                                 "max_connections = \"many\"\n"
                                 "request_timeout_s = 0\n"
                                 "[shutdwn]\n"
                                 "grace_s = 5\n"
                                 "[log]\n"
                                 "level = \"loud\"\n");

    REQUIRE(found.problems.size() == 5);
    const auto text = problems_of(found);
    CHECK_THAT(text, ContainsSubstring("r.toml:2: unknown key 'server.lisen'"));
    CHECK_THAT(text, ContainsSubstring("did you mean 'server.listen'?"));
    CHECK_THAT(
        text, ContainsSubstring("r.toml:3: server.max_connections = \"many\" has the wrong type: "
                                "it must be a whole number from 1 to 100000"));
    CHECK_THAT(
        text, ContainsSubstring("r.toml:4: server.request_timeout_s = 0 must be a whole number "
                                "from 1 to 3600"));
    CHECK_THAT(text, ContainsSubstring("r.toml:5: unknown section 'shutdwn'"));
    CHECK_THAT(text, ContainsSubstring("did you mean [shutdown]?"));
    CHECK_THAT(text, ContainsSubstring("r.toml:8: log.level"));
    CHECK_THAT(text, ContainsSubstring("must be one of \"debug\", \"info\", \"warn\", \"error\""));
}

TEST_CASE("a syntax error is told with its line, beside what is wrong elsewhere", "[config]") {
    const scratch_folder folder;
    inputs from;
    from.default_file = folder.write("r.toml", "[server]\nlisten = \n");
    from.environment = {
        "RESTPOINT_POSTGRES_PORT=0", "RESTPOINT_AUTH_MODE=none", "RESTPOINT_AUTH_ANONYMOUS=viewer"};

    const auto found = load(from);

    REQUIRE(found.problems.size() == 2); // which mode holds with the rest of the file is not known
    CHECK_THAT(found.problems[0].where, ContainsSubstring("r.toml:2"));
    CHECK_THAT(found.problems[0].detail, StartsWith("this is not TOML: "));
    CHECK(found.problems[1].where == "environment RESTPOINT_POSTGRES_PORT");
}

TEST_CASE("a problem stands on one line and can be shown, whatever the file holds", "[config]") {
    const auto of_a_key = load_file("[server]\n\"a\\nb\\u001b[2J\" = 1\n");
    const auto of_a_value = load_file("[server]\nlisten = tr\x1e\n");
    // Not ASCII where the excerpt of a long value is cut.
    const auto of_a_list =
        load_file("[log]\nlevel = [\"" + std::string(117, 'x') + "\u20ac\u20ac\"]\n");

    CHECK_THAT(problems_of(of_a_key), ContainsSubstring("unknown key 'server.a b?[2J'"));
    CHECK_THAT(problems_of(of_a_value), ContainsSubstring("this is not TOML"));
    CHECK(problems_of(of_a_value).find('\x1e') == std::string::npos);
    CHECK_THAT(problems_of(of_a_list), ContainsSubstring("x… has the wrong type"));
}

TEST_CASE("a section that is no table, and an array of them, are refused", "[config]") {
    CHECK_THAT(
        problems_of(load_file("server = 5\n")),
        ContainsSubstring("r.toml:1: server = 5 has the wrong type: it must be a table: [server]"));
    CHECK_THAT(
        problems_of(load_file("[[drill]]\nname = \"x\"\n")),
        ContainsSubstring("r.toml:1: unknown section 'drill'"));
    CHECK_THAT(
        problems_of(load_file("[server.tls]\ncert = \"x\"\n")),
        ContainsSubstring("unknown key 'server.tls'"));
}

TEST_CASE("a name that is far too long is no slip of another one", "[config]") {
    const auto text = problems_of(load_file("[server]\n" + std::string(101, 'x') + " = 1\n"));

    CHECK(text.find("did you mean") == std::string::npos);
    CHECK_THAT(text, ContainsSubstring("'restpoint config table' lists every key"));
}

TEST_CASE("a right key in the wrong section leads to the right one", "[config]") {
    CHECK_THAT(
        problems_of(load_file("stanza = \"main\"\n")),
        ContainsSubstring("did you mean 'pgbackrest.stanza'?"));
    CHECK_THAT(
        problems_of(load_without_file({"RESTPOINT_STANZA=main"})),
        ContainsSubstring("did you mean RESTPOINT_PGBACKREST_STANZA?"));
}

TEST_CASE("a file that was named must be there, the default one need not", "[config]") {
    CHECK(load_without_file({}).problems.empty());

    const auto by_flag = load_without_file({}, {"--config=/nonexistent/x.toml"});
    REQUIRE(by_flag.problems.size() == 1);
    CHECK(by_flag.problems[0].where == "flag --config");
    CHECK_THAT(by_flag.problems[0].detail, ContainsSubstring("/nonexistent/x.toml"));

    const auto by_environment = load_without_file({"RESTPOINT_CONFIG=/nonexistent/y.toml"});
    REQUIRE(by_environment.problems.size() == 1);
    CHECK(by_environment.problems[0].where == "environment RESTPOINT_CONFIG");
}

TEST_CASE("a default file that cannot be read is a problem", "[config]") {
    const scratch_folder folder;
    inputs from;
    from.default_file = folder.path(); // a folder can be opened but not read

    const auto found = load(from);

    REQUIRE(found.problems.size() == 1);
    CHECK_THAT(found.problems[0].detail, ContainsSubstring("cannot read"));
}

TEST_CASE("flags that do not exist or lack a value are told as such", "[config]") {
    const auto unknown = load_without_file({}, {"--server.lisen=x", "--frobnicate", "y"});
    REQUIRE(unknown.problems.size() == 2);
    CHECK(unknown.problems[0].what == problem::kind::command_line);
    CHECK(unknown.problems[0].detail == "unknown flag --server.lisen");
    CHECK(unknown.problems[0].hint == "did you mean --server.listen?");
    CHECK(unknown.problems[1].detail == "unknown flag --frobnicate");

    const auto missing = load_without_file({}, {"--server.listen"});
    REQUIRE(missing.problems.size() == 1);
    CHECK(missing.problems[0].what == problem::kind::command_line);
    // Which file was meant is not known then, so nothing is said about another one.
    CHECK(load_without_file({}, {"--config=/nonexistent", "--log.level"}).problems.size() == 1);

    const auto stray = load_without_file({}, {"now"});
    REQUIRE(stray.problems.size() == 1);
    CHECK(stray.problems[0].detail == "unexpected argument 'now'");
}

TEST_CASE("a beginning of a flag's name is not the flag", "[config]") {
    CHECK(load_without_file({}, {"--server.list=127.0.0.1:1"}).problems.size() == 1);
}

TEST_CASE("numbers in the environment are whole, in range and nothing else", "[config]") {
    for (const auto* text : {"", "x", "1x", "0", "65536", "-1", "1.5", "99999999999999999999"}) {
        CAPTURE(text);
        const auto found = load_without_file({std::string("RESTPOINT_POSTGRES_PORT=") + text});
        REQUIRE(found.problems.size() == 1);
        CHECK(found.problems[0].key == "postgres.port");
        CHECK_THAT(found.problems[0].detail, ContainsSubstring("a whole number from 1 to 65535"));
    }
}

TEST_CASE("the address to listen on is an IP address with a port", "[config]") {
    for (const auto* good :
         {"127.0.0.1:5000", "[::1]:5000", "127.0.0.1:0", "127.8.8.8:65535",
          "[::ffff:127.0.0.1]:1"}) {
        CAPTURE(good);
        CHECK(load_without_file({}, {"--server.listen", good}).problems.empty());
    }
    for (const auto* bad :
         {"127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:5000",
          "localhost:5000", ":5000", "*:5000", "[127.0.0.1]:1", "[]:1", "127.1:1",
          "127.0.0.1:5000 ", "http://127.0.0.1:5000"}) {
        CAPTURE(bad);
        const auto found = load_without_file({}, {"--server.listen", bad});
        REQUIRE(found.problems.size() == 1);
        CHECK(found.problems[0].key == "server.listen");
        CHECK_THAT(found.problems[0].detail, ContainsSubstring(bad));
    }
}

TEST_CASE("an IPv6 address is kept without its brackets", "[config]") {
    const auto found = load_without_file({}, {"--server.listen=[::1]:7"});

    CHECK(found.values.server.address == "::1");
    CHECK(found.values.server.port == 7);
}

TEST_CASE("tokens are asked for unless the mode is written out as none", "[config]") {
    for (const auto* listen : {"127.0.0.1:5000", "0.0.0.0:5000", "[2001:db8::1]:80"}) {
        CAPTURE(listen);
        const auto found = load_without_file({std::string("RESTPOINT_SERVER_LISTEN=") + listen});
        CHECK(found.problems.empty());
        CHECK(found.values.auth.mode == auth_mode::token);
        CHECK(found.values.auth.anonymous == anonymous_role::by_address);
    }
    const auto open = load_without_file({"RESTPOINT_AUTH_MODE=none"});
    CHECK(open.problems.empty());
    CHECK(open.values.auth.mode == auth_mode::none);
}

TEST_CASE("a wrong value is told once, and not again by what it is compared with", "[config]") {
    const auto found = load_without_file(
        {}, {"--jobs.stop_grace_s=0", "--shutdown.running_jobs=stop", "--shutdown.grace_s=5"});

    REQUIRE(found.problems.size() == 1);
    CHECK(found.problems[0].where == "flag --jobs.stop_grace_s");
}

TEST_CASE("where nobody is asked nobody is anonymous", "[config]") {
    const auto found = load_without_file({}, {"--auth.mode=none", "--auth.anonymous=viewer"});

    REQUIRE(found.problems.size() == 1);
    CHECK(found.problems[0].where == "flag --auth.anonymous");
    CHECK_THAT(found.problems[0].detail, ContainsSubstring("makes everybody an admin"));
    CHECK(load_without_file({}, {"--auth.mode=token", "--auth.anonymous=none"}).problems.empty());
}

TEST_CASE("the tokens file is named by its whole path", "[config]") {
    CHECK(load_without_file({}, {"--auth.tokens_file=tokens"}).problems.size() == 1);
}

TEST_CASE("a certificate and its key come together", "[config]") {
    const std::string certificate = "--server.tls_cert=/srv/tls.crt";
    const std::string key = "--server.tls_key=/srv/tls.key";
    const std::string clients = "--server.tls_client_ca=/srv/ca.crt";
    CHECK(load_without_file({}, {certificate, key, clients}).problems.empty());

    const auto no_key = load_without_file({}, {certificate});
    const auto no_certificate = load_without_file({}, {key});
    const auto neither = load_without_file({}, {clients});

    REQUIRE(no_key.problems.size() == 1);
    CHECK(no_key.problems[0].where == "flag --server.tls_cert");
    CHECK(no_key.problems[0].hint == "write server.tls_key too");
    REQUIRE(no_certificate.problems.size() == 1);
    CHECK(no_certificate.problems[0].where == "flag --server.tls_key");
    CHECK(no_certificate.problems[0].hint == "write server.tls_cert too");
    REQUIRE(neither.problems.size() == 1);
    CHECK(neither.problems[0].where == "flag --server.tls_client_ca");
    CHECK(load_without_file({}, {"--server.tls_cert=tls.crt"}).problems.size() == 1);
}

TEST_CASE("certificates have roles where their issuers are named", "[config]") {
    const auto with_issuers = [](const std::string& certificates) {
        return load_without_file(
            {}, {"--server.tls_cert=/a", "--server.tls_key=/b", "--server.tls_client_ca=/c",
                 "--auth.certificates=" + certificates});
    };
    const auto found = with_issuers("ci=operator,DNS:db.example=viewer,CN:a:b=admin,x=y=admin");

    REQUIRE(found.problems.empty());
    CHECK(
        found.values.auth.certificates == std::vector<certificate_role>{
                                              {"CN", "ci", "operator"},
                                              {"DNS", "db.example", "viewer"},
                                              {"CN", "a:b", "admin"},
                                              {"CN", "x=y", "admin"}});
    CHECK(to_string(found.values.auth.certificates[0]) == "ci=operator");
    CHECK(to_string(found.values.auth.certificates[2]) == "CN:a:b=admin");
    for (const auto* wrong : {"ci", "ci=root", "=admin", "IP:127.0.0.1=admin", "DNS:=viewer"}) {
        CAPTURE(wrong);
        REQUIRE(with_issuers(wrong).problems.size() == 1);
        CHECK_THAT(with_issuers(wrong).problems[0].hint, ContainsSubstring("ci=operator"));
    }
    const auto nobody = load_without_file({}, {"--auth.certificates=ci=operator"});
    REQUIRE(nobody.problems.size() == 1);
    CHECK(nobody.problems[0].hint == "write server.tls_client_ca");
}

TEST_CASE("a socket's path is no longer than the kernel takes", "[config]") {
    const auto path = "/" + std::string(106, 'x');

    CHECK(load_without_file({}, {"--server.unix_socket=" + path}).problems.empty());
    CHECK(load_without_file({}, {"--server.unix_socket=" + path + "x"}).problems.size() == 1);
    CHECK(load_without_file({}, {"--server.unix_socket=run/x"}).problems.size() == 1);
}

TEST_CASE("a job must be able to stop within the time the service has", "[config]") {
    const std::vector<std::string> flags = {"--jobs.stop_grace_s=20", "--shutdown.grace_s=20"};
    CHECK(load_without_file({}, flags).problems.empty()); // jobs outlive restpoint

    const auto found = load_without_file({"RESTPOINT_SHUTDOWN_RUNNING_JOBS=stop"}, flags);

    REQUIRE(found.problems.size() == 1);
    CHECK(found.problems[0].where == "flag --jobs.stop_grace_s");
}

TEST_CASE("whoever controls PostgreSQL can be reached and told", "[config]") {
    const auto problems = [](const std::string& lines) {
        return problems_of(load_file("[postgres]\n" + lines));
    };

    CHECK_THAT(problems("control = \"pg_ctl\"\n"), ContainsSubstring("postgres.data_dir"));
    CHECK_THAT(
        problems("control = \"command\"\nstart_command = \"a\"\n"),
        ContainsSubstring("postgres.stop_command"));
    CHECK_THAT(
        problems("control = \"supervisor\"\n"), ContainsSubstring("postgres.control_socket"));
    CHECK_THAT(problems("control = \"agent\"\n"), ContainsSubstring("postgres.control_socket"));
    CHECK_THAT(problems("control = \"docker\"\n"), ContainsSubstring("\"supervisor\""));

    CHECK(problems("control = \"none\"\n").empty());
    CHECK(problems("control = \"pg_ctl\"\ndata_dir = \"/srv/data\"\n").empty());
    CHECK(problems("control = \"command\"\nstart_command = \"a\"\nstop_command = \"b\"\n").empty());
    CHECK(problems("control = \"agent\"\ncontrol_socket = \"/run/a.sock\"\n").empty());
}

TEST_CASE("paths, names and hosts are looked at before they are used", "[config]") {
    for (const auto* wrong :
         {"--pgbackrest.binary=bin/pgbackrest", "--pgbackrest.binary=-x",
          "--pgbackrest.config=pgbackrest.conf", "--pgbackrest.stanza=-main",
          "--pgbackrest.stanza=a/b", "--state.dir=state", "--postgres.socket_dir=run/postgresql",
          "--server.allowed_hosts=db.example.org:5000", "--server.allowed_hosts=a,*.example.org",
          "--server.allowed_hosts=http://x", "--server.allowed_hosts=a,,b"}) {
        CAPTURE(wrong);
        CHECK(load_without_file({}, {wrong}).problems.size() == 1);
    }
}

TEST_CASE("a list holds texts only", "[config]") {
    CHECK_THAT(
        problems_of(load_file("[server]\nallowed_hosts = [\"a\",\n 5]\n")),
        ContainsSubstring("r.toml:3: server.allowed_hosts = 5 has the wrong type"));
    CHECK_THAT(
        problems_of(load_file("[server]\nallowed_hosts = \"a\"\n")),
        ContainsSubstring("has the wrong type: it must be a list of host names"));
}

TEST_CASE("control characters of a value do not reach the terminal", "[config]") {
    const auto found = load_without_file({}, {"--postgres.user=a\x1b[2Jb\nc"});

    REQUIRE(found.problems.size() == 1);
    CHECK(found.problems[0].detail.find('\x1b') == std::string::npos);
    CHECK(found.problems[0].detail.find('\n') == std::string::npos);
}
