#include "loading.hpp"
#include "support/catch.hpp"

using namespace restpoint::config;

TEST_CASE("without anything the defaults hold", "[config]") {
    const auto found = load_without_file({"PATH=/bin", "HOME=/"});

    CHECK(problems_of(found).empty());
    CHECK(found.sources.empty());
    CHECK(found.file.empty());
    CHECK(values_of(found.values) == values_of(settings{}));
}

TEST_CASE("flags win over the environment, that over the file, that over defaults", "[config]") {
    const scratch_folder folder;
    const auto file = folder.write(
        "r.toml", "[server]\n"
                  "listen = \"127.0.0.1:1\"\n"
                  "max_connections = 1\n"
                  "request_timeout_s = 1\n");
    const inputs from{
        {"--config", file, "--server.listen", "127.0.0.1:3"},
        {"RESTPOINT_SERVER_LISTEN=127.0.0.1:2", "RESTPOINT_SERVER_MAX_CONNECTIONS=2"}};

    const auto found = load(from);

    CHECK(problems_of(found).empty());
    CHECK(found.file == file);
    CHECK(found.values.server.port == 3);
    CHECK(found.values.server.max_connections == 2);
    CHECK(found.values.server.request_timeout == std::chrono::seconds(1));
    CHECK(found.values.postgres.port == 5432);
    CHECK(found.sources.at("server.listen") == "flag --server.listen");
    CHECK(
        found.sources.at("server.max_connections") ==
        "environment RESTPOINT_SERVER_MAX_CONNECTIONS");
    CHECK(found.sources.at("server.request_timeout_s") == file + ":4");
    CHECK_FALSE(found.sources.contains("postgres.port"));
}

TEST_CASE("the file named by a flag wins over the one named in the environment", "[config]") {
    const scratch_folder folder;
    const auto one = folder.write("one.toml", "[postgres]\nport = 1\n");
    const auto two = folder.write("two.toml", "[postgres]\nport = 2\n");

    CHECK(load({{}, {"RESTPOINT_CONFIG=" + two}, one}).values.postgres.port == 2);
    CHECK(load({{"--config=" + one}, {"RESTPOINT_CONFIG=" + two}}).values.postgres.port == 1);
}

TEST_CASE("every key can be set in each place it belongs to", "[config]") {
    const auto found = load_file(R"(
[server]
listen = "[::1]:0"
request_timeout_s = 7
max_connections = 8
allowed_hosts = ["db.example.org", "192.0.2.7"]
tls_cert = "/srv/tls.crt"
tls_key = "/srv/tls.key"
tls_client_ca = "/srv/clients.crt"
unix_socket = "/srv/restpoint.sock"
[auth]
anonymous = "viewer"
tokens_file = "/srv/tokens"
certificates = ["ci=operator", "URI:spiffe://example.org/ops=admin"]
[pgbackrest]
binary = "/opt/pgbackrest"
config = "/opt/pgbackrest.conf"
stanza = "other"
[pgbackrest.environment]
TZ = "UTC"
[postgres]
socket_dir = "/tmp/sockets"
port = 5433
user = "backup"
database = "template1"
data_dir = "/srv/data"
bin_dir = "/opt/pg/bin"
control = "supervisor"
control_socket = "/srv/supervisor.sock"
start_command = "begin"
stop_command = "end"
status_command = "look"
pg_ctl_options = "-c a=b"
log_file = "/srv/pg.log"
supervisor_program = "db"
supervisor_user = "me"
supervisor_password = "secret"
[restore]
keep_previous_h = 5
check_sql = "select true"
[state]
dir = "/srv/restpoint"
keep_jobs_days = 5
keep_log_bytes = 2000000
[jobs]
stop_grace_s = 9
[shutdown]
running_jobs = "stop"
grace_s = 11
[log]
level = "warn"
format = "json"
)");
    CHECK(problems_of(found).empty());
    const auto initial = values_of(settings{});
    const auto now = values_of(found.values);
    for (std::size_t i = 0; i < keys().size(); ++i) {
        CAPTURE(keys()[i].name);
        if (keys()[i].name == "auth.mode") {
            continue; // its other value takes auth.anonymous away
        }
        CHECK(now[i] != initial[i]);
        CHECK(found.sources.contains(keys()[i].name));
    }
    CHECK(load_file("[auth]\nmode = \"none\"\n").values.auth.mode == auth_mode::none);

    for (const auto& row : keys()) {
        if (row.form == shape::map) {
            continue;
        }
        CAPTURE(row.name);
        const auto v = row.get(found.values);
        std::string text;
        if (const auto* n = std::get_if<std::int64_t>(&v)) {
            text = std::to_string(*n);
        } else if (const auto* list = std::get_if<text_list>(&v)) {
            text = list->at(0) + ", " + list->at(1);
        } else {
            text = std::get<std::string>(v);
        }
        const auto by_environment = load_without_file({environment_name(row.name) + "=" + text});
        CHECK(row.get(by_environment.values) == v);
        if (row.secret == secrecy::secret) {
            continue; // everybody on the machine can read flags
        }
        const auto by_flag = load_without_file({}, {"--" + row.name + "=" + text});
        CHECK(row.get(by_flag.values) == v);
    }
}

TEST_CASE("the last of two equal flags holds", "[config]") {
    CHECK(
        load_without_file({}, {"--postgres.port=1", "--postgres.port=2"}).values.postgres.port ==
        2);
}

TEST_CASE("an empty list can be written", "[config]") {
    const auto found = load_file("[server]\nallowed_hosts = []\n");
    CHECK(problems_of(found).empty());

    CHECK(
        load_without_file({"RESTPOINT_SERVER_ALLOWED_HOSTS="}).values.server.allowed_hosts.empty());
}

TEST_CASE("the client's variables are not settings", "[config]") {
    const auto found = load_without_file(
        {"RESTPOINT_URL=http://a", "RESTPOINT_TOKEN=t", "RESTPOINT_CA_FILE=/a", "RESTPOINT_CERT=/b",
         "RESTPOINT_KEY=/c"});
    CHECK(problems_of(found).empty());
    CHECK(load_without_file({"RESTPOINT_CERTS=/b"}).problems.size() == 1);
}

TEST_CASE("the variables of the image's entry point are not settings", "[config]") {
    const auto found = load_without_file(
        {"RESTPOINT_BOOTSTRAP=auto", "RESTPOINT_BOOTSTRAP_TARGET=2026-11-22 08:30:00Z"});
    CHECK(problems_of(found).empty());
    CHECK(load_without_file({"RESTPOINT_BOOTSTRAPPED=yes"}).problems.size() == 1);
}

TEST_CASE("the links of Kubernetes services are not settings", "[config]") {
    const auto found = load_without_file(
        {"RESTPOINT_PORT=tcp://10.0.0.1:5000", "RESTPOINT_SERVICE_HOST=10.0.0.1",
         "RESTPOINT_SERVICE_PORT=5000", "RESTPOINT_SERVICE_PORT_HTTP=5000",
         "RESTPOINT_PORT_5000_TCP=tcp://10.0.0.1:5000", "RESTPOINT_PORT_5000_TCP_PROTO=tcp",
         "RESTPOINT_PORT_5000_TCP_PORT=5000", "RESTPOINT_PORT_5000_TCP_ADDR=10.0.0.1",
         // a service called restpoint-postgres
         "RESTPOINT_POSTGRES_PORT=tcp://10.0.0.2:5432", "RESTPOINT_POSTGRES_SERVICE_HOST=10.0.0.2",
         "RESTPOINT_POSTGRES_PORT_5432_TCP_ADDR=10.0.0.2"});

    CHECK(problems_of(found).empty());
    CHECK(found.sources.empty());
    CHECK(found.values.postgres.port == 5432);
}

TEST_CASE("other names that begin like ours are problems", "[config]") {
    const auto found = load_without_file(
        {"RESTPOINT_SERVER_LISTN=127.0.0.1:1", "RESTPOINT_PORT=5000", "RESTPOINTER=1",
         "RESTPOINT_PORT_5000_TCP_COLOUR=red", "RESTPOINT_PORT_HTTP=5000"});

    const auto text = problems_of(found);
    REQUIRE(found.problems.size() == 4);
    CHECK_THAT(text, ContainsSubstring("unknown variable RESTPOINT_SERVER_LISTN"));
    CHECK_THAT(text, ContainsSubstring("did you mean RESTPOINT_SERVER_LISTEN?"));
    CHECK_THAT(text, ContainsSubstring("unknown variable RESTPOINT_PORT\n"));
    CHECK_THAT(text, ContainsSubstring("unknown variable RESTPOINT_PORT_5000_TCP_COLOUR"));
    CHECK_THAT(text, ContainsSubstring("unknown variable RESTPOINT_PORT_HTTP"));
}
