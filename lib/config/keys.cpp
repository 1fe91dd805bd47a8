#include "config/constraint.hpp"
#include "config/control_keys.hpp"
#include "config/key_kinds.hpp"

#include <iterator>
#include <limits>

namespace restpoint::config {
namespace {

verdict set_listen(settings& s, const value& v) {
    const auto& given = std::get<std::string>(v);
    const auto where = parse_endpoint(given);
    if (where) {
        s.server.address = where->address;
        s.server.port = where->port;
        return {};
    }
    if (given.starts_with("localhost:")) {
        return objection{"write 127.0.0.1 or [::1]: the name may mean either"};
    }
    if (given.starts_with(':') || given.starts_with('*')) {
        return objection{"for every address write 0.0.0.0:PORT or [::]:PORT"};
    }
    if (std::ranges::count(given, ':') > 1 && given.front() != '[') {
        return objection{"an IPv6 address stands in brackets: [::1]:5000"};
    }
    return objection{};
}

verdict set_allowed_hosts(settings& s, const value& v) {
    const auto& names = std::get<text_list>(v);
    const auto wrong =
        std::ranges::find_if_not(names, [](const auto& name) { return is_host(name); });
    if (wrong == names.end()) {
        s.server.allowed_hosts = names;
        return {};
    }
    if (wrong->find('*') != std::string::npos) {
        return objection{"a wildcard would let DNS rebinding in: list each name"};
    }
    return objection{fmt::format("'{}' is not a host name without port and scheme", *wrong)};
}

verdict set_certificates(settings& s, const value& v) {
    std::vector<certificate_role> all;
    for (const auto& text : std::get<text_list>(v)) {
        auto one = parse_certificate_role(text);
        if (!one) {
            return objection{fmt::format(
                "'{}' is none: for example \"ci=operator\" or \"DNS:db.example.org=viewer\", with "
                "the role viewer, operator or admin",
                text)};
        }
        all.push_back(std::move(*one));
    }
    s.auth.certificates = std::move(all);
    return {};
}

text_list texts_of(const std::vector<certificate_role>& all) {
    text_list texts;
    for (const auto& one : all) {
        texts.push_back(to_string(one));
    }
    return texts;
}

verdict set_environment(settings& s, const value& v) {
    for (const auto& [name, content] : std::get<text_map>(v)) {
        if (!is_variable(name)) {
            return objection{"a name is made of letters, digits and '_', and no digit comes first"};
        }
        if (auto why = why_refused(name)) {
            return objection{*why, "must not be set here"};
        }
        if (content.find('\0') != std::string::npos) {
            return objection{"the environment cannot hold NUL", "holds a NUL character"};
        }
    }
    for (const auto& [name, content] : std::get<text_map>(v)) {
        s.pgbackrest.environment[name] = content;
    }
    return {};
}

bool is_program(const std::string& given) {
    return is_absolute(given) ||
           (is_plain(given, 255) && given.find('/') == std::string::npos && given.front() != '-');
}

bool is_socket_place(const std::string& given) {
    return is_absolute(given) || is_host(given);
}

bool is_identifier(const std::string& given) {
    constexpr std::size_t longest = 63; // NAMEDATALEN without its end
    return is_plain(given, longest);
}

constexpr std::int64_t highest_port = std::numeric_limits<unsigned short>::max();

key unix_socket_key() {
    return {
        .name = "server.unix_socket",
        .form = shape::text,
        .allowed = "an absolute path of at most 107 bytes",
        .help = "A second address, a Unix socket, for who is on this machine. No token is asked of "
                "root, who is admin there, and of the user that restpoint runs as, who is "
                "operator; others show one. The folder must exist; the socket is made with the "
                "start and goes with the end.",
        .set = [](settings& s, const value& v) -> verdict {
            const auto& given = std::get<std::string>(v);
            if (!is_socket_path(given)) {
                return objection{};
            }
            s.server.unix_socket = given;
            return {};
        },
        .get = [](const settings& s) -> value {
            return s.server.unix_socket.empty() ? value() : value(s.server.unix_socket);
        },
        .example = "\"/run/restpoint/restpoint.sock\""};
}

std::vector<key> more_server_keys() {
    return {
        optional_path(
            "server.tls_cert", [](auto& s) -> auto& { return s.server.tls_cert; },
            "The certificate of restpoint, PEM, followed by those that signed it: with it "
            "server.listen speaks TLS (1.2 and 1.3), and nothing else. A changed file is taken up "
            "within seconds; one that is wrong is told in the log, and the old one stays in use.",
            "\"/etc/restpoint/tls.crt\""),
        optional_path(
            "server.tls_key", [](auto& s) -> auto& { return s.server.tls_key; },
            "The private key of that certificate, PEM, without a passphrase. Nobody but the user "
            "that restpoint runs as should be able to read it.",
            "\"/etc/restpoint/tls.key\""),
        optional_path(
            "server.tls_client_ca", [](auto& s) -> auto& { return s.server.tls_client_ca; },
            "The certificates, PEM, of those who sign clients' certificates. With it clients may "
            "show one; one that is wrong ends the connection.",
            "\"/etc/restpoint/clients-ca.crt\""),
        unix_socket_key()};
}

std::vector<key> server_keys() {
    return {
        {.name = "server.listen",
         .form = shape::text,
         .allowed = "ADDRESS:PORT with an IPv4 address or an IPv6 address in brackets",
         .help = "Where to answer HTTP. Port 0 lets the kernel choose. An address that other "
                 "machines can reach lets in who shows a token (see auth.anonymous).",
         .set = set_listen,
         .get = [](const settings& s) -> value {
             return to_string(endpoint{s.server.address, s.server.port});
         }},
        number(
            "server.request_timeout_s", [](auto& s) -> auto& { return s.server.request_timeout; },
            1, 3600,
            "How long a request may take to arrive, from its first byte to its last. Answers "
            "may take as long as a backup does."),
        number(
            "server.max_connections", [](auto& s) -> auto& { return s.server.max_connections; }, 1,
            100000,
            "Connections at the same time; each needs a file descriptor. Who comes beyond that "
            "gets 503 and is asked to come again."),
        {.name = "server.allowed_hosts",
         .form = shape::list,
         .allowed = "a list of host names",
         .help = "The names under which restpoint is reached. A request that names another host is "
                 "refused, so that no web page can point a name of its own at restpoint. IP "
                 "addresses and localhost need no entry.",
         .set = set_allowed_hosts,
         .get = [](const settings& s) -> value { return s.server.allowed_hosts; }}};
}

std::vector<key> auth_keys() {
    auto anonymous = choice<>(
        "auth.anonymous", [](auto& s) -> auto& { return s.auth.anonymous; },
        std::vector<std::pair<std::string, anonymous_role>>{
            {"none", anonymous_role::none},
            {"viewer", anonymous_role::viewer},
            {"operator", anonymous_role::operate}},
        "What callers without a token may do. \"viewer\": look. \"operator\": make, check and "
        "cancel backups too. \"none\": nothing. Without this key they are operators while "
        "server.listen is an address of loopback, and none elsewhere.");
    anonymous.example = "\"viewer\"";
    return {
        choice<>(
            "auth.mode", [](auto& s) -> auto& { return s.auth.mode; },
            std::vector<std::pair<std::string, auth_mode>>{
                {"token", auth_mode::token}, {"none", auth_mode::none}},
            "\"token\" asks callers for a token, which 'restpoint token create' makes, and lets "
            "them do what its role allows: viewer, operator or admin. \"none\" asks nobody who "
            "they are: whoever reaches the address may do everything."),
        anonymous,
        optional_path(
            "auth.tokens_file", [](auto& s) -> auto& { return s.auth.tokens_file; },
            "Where tokens are kept, as hashes: made and revoked by 'restpoint token', one line "
            "each. Without this key it is the file tokens in state.dir. Nobody but the user "
            "that restpoint runs as may change it.",
            "\"/var/lib/restpoint/tokens\""),
        {.name = "auth.certificates",
         .form = shape::list,
         .allowed = "a list of NAME=ROLE",
         .help = "What who shows a certificate may do (see server.tls_client_ca) without a token. "
                 "NAME is the common name of its subject, or an alternative name with its kind: "
                 "DNS:, email: or URI:. ROLE is viewer, operator or admin. The first entry that "
                 "fits counts; a certificate that none fits gives no role.",
         .set = set_certificates,
         .get = [](const settings& s) -> value { return texts_of(s.auth.certificates); }}};
}

std::vector<key> pgbackrest_keys() {
    return {
        text(
            "pgbackrest.binary", [](auto& s) -> auto& { return s.pgbackrest.binary; }, is_program,
            "an absolute path, or a name that is looked up in PATH", "The pgBackRest program."),
        text(
            "pgbackrest.config", [](auto& s) -> auto& { return s.pgbackrest.config; }, is_absolute,
            "an absolute path", "pgBackRest's own configuration: repositories, retention, paths."),
        text(
            "pgbackrest.stanza", [](auto& s) -> auto& { return s.pgbackrest.stanza; }, is_name,
            "a name of letters, digits, '-', '_' and '.', first a letter or digit, at most 64",
            "The stanza that schedules and classic pages mean. It must have a section in "
            "pgBackRest's configuration."),
        {.name = "pgbackrest.environment",
         .form = shape::map,
         .allowed = "a table of NAME = \"value\"",
         .help = "Further variables for pgBackRest, the place for what its configuration should "
                 "not hold, such as keys of an object store; let nobody else read this file then. "
                 "Values of names with PASS, KEY, SECRET or TOKEN are never shown. Only in this "
                 "file. Names that choose the stanza, the configuration, the log or what a single "
                 "command does are refused.",
         .set = set_environment,
         .get = [](const settings& s) -> value { return s.pgbackrest.environment; },
         .example = "PGBACKREST_REPO1_S3_KEY_SECRET = \"...\""}};
}

std::vector<key> postgres_keys() {
    return {
        text(
            "postgres.socket_dir", [](auto& s) -> auto& { return s.postgres.socket_dir; },
            is_socket_place, "an absolute path or a host name",
            "The folder of PostgreSQL's socket (unix_socket_directories), or a host name."),
        number(
            "postgres.port", [](auto& s) -> auto& { return s.postgres.port; }, 1, highest_port,
            "PostgreSQL's port; the socket's name holds it too."),
        text(
            "postgres.user", [](auto& s) -> auto& { return s.postgres.user; }, is_identifier,
            "1 to 63 bytes without control characters",
            "The role that asks PostgreSQL for its state. It only reads."),
        text(
            "postgres.database", [](auto& s) -> auto& { return s.postgres.database; },
            is_identifier, "1 to 63 bytes without control characters",
            "The database to connect to for that.")};
}

std::vector<key> restore_keys() {
    return {
        number(
            "restore.keep_previous_h", [](auto& s) -> auto& { return s.restore.keep_previous; }, 0,
            8760,
            "How many hours the cluster that a restore replaced is kept, so that the restore can "
            "be "
            "undone. It takes the room of a cluster. After a restore in place what is kept is "
            "little, but nothing is expired from the repo meanwhile."),
        text(
            "restore.check_sql", [](auto& s) -> auto& { return s.restore.check_sql; },
            [](const std::string&) { return true; }, "a statement that returns one boolean",
            "Asked on the restored cluster, in postgres.database and read-only, before it takes "
            "over: "
            "anything but true turns the restore back. Empty: not asked.")};
}

std::vector<key> service_keys() {
    using log::format;
    using log::level;
    return {
        text(
            "state.dir", [](auto& s) -> auto& { return s.state.dir; }, is_absolute,
            "an absolute path",
            "Where jobs and their logs are kept. One restpoint per folder. On a local disk: "
            "network "
            "file systems are refused, since the store is not safe there."),
        number(
            "state.keep_jobs_days", [](auto& s) -> auto& { return s.state.keep_jobs; }, 1, 36500,
            "How many days a job and its log are kept after the job's end, and entries of the "
            "audit trail and of what schedules did. Always kept, with their logs: jobs that have "
            "not ended, and of each kind of each stanza the newest that succeeded, the newest that "
            "failed and the newest that was interrupted. What is gone is answered with 410. When "
            "the date is far from what it was last, nothing goes for an hour."),
        number(
            "state.keep_log_bytes", [](auto& s) -> auto& { return s.state.keep_log_bytes; },
            std::int64_t{1} << 20U, std::int64_t{1} << 50U,
            "How many bytes the logs of all jobs may take. Beyond that the oldest logs go, and are "
            "answered with 410; their jobs stay. The logs that are always kept (see "
            "state.keep_jobs_days) stay even when they alone take more."),
        number(
            "jobs.stop_grace_s", [](auto& s) -> auto& { return s.jobs.stop_grace; }, 1, 3600,
            "How long a cancelled job may take to end by itself before it is killed."),
        choice<>(
            "shutdown.running_jobs", [](auto& s) -> auto& { return s.shutdown.running_jobs; },
            std::vector<std::pair<std::string, running_jobs>>{
                {"leave", running_jobs::leave}, {"stop", running_jobs::stop}},
            "What becomes of running jobs when restpoint stops. \"leave\": they go on, and the "
            "next restpoint takes them up. \"stop\": they are ended first, for containers, where "
            "everything dies with restpoint."),
        number(
            "shutdown.grace_s", [](auto& s) -> auto& { return s.shutdown.grace; }, 1, 3600,
            "How long stopping may take. Keep it below what the service manager allows: systemd's "
            "TimeoutStopSec, Kubernetes' terminationGracePeriodSeconds, stop_grace_period of "
            "Compose."),
        choice<>(
            "log.level", [](auto& s) -> auto& { return s.log.minimum; },
            std::vector<std::pair<std::string, level>>{
                {"debug", level::debug},
                {"info", level::info},
                {"warn", level::warn},
                {"error", level::error}},
            "restpoint writes lines of this level and graver ones to standard error. The output of "
            "pgBackRest is kept per job, whatever stands here."),
        choice<>(
            "log.format", [](auto& s) -> auto& { return s.log.form; },
            std::vector<std::pair<std::string, format>>{
                {"auto", format::automatic}, {"text", format::text}, {"json", format::json}},
            "\"auto\" writes text to a terminal and one JSON object per line to anything else.")};
}

} // namespace

std::span<const key> keys() {
    static const std::vector<key> table = [] {
        std::vector<key> all;
        for (auto part :
             {server_keys(), more_server_keys(), auth_keys(), pgbackrest_keys(), postgres_keys(),
              control_keys(), restore_keys(), service_keys()}) {
            std::ranges::move(part, std::back_inserter(all));
        }
        return all;
    }();
    return table;
}

bool fits(shape form, const value& given) {
    switch (form) {
    case shape::number:
        return std::holds_alternative<std::int64_t>(given);
    case shape::text:
        return std::holds_alternative<std::string>(given);
    case shape::flag:
        return std::holds_alternative<bool>(given);
    case shape::list:
        return std::holds_alternative<text_list>(given);
    case shape::map:
        return std::holds_alternative<text_map>(given);
    }
    // uncovered: every value has its case
    return false;
}

std::string environment_name(std::string_view key) {
    std::string name = "RESTPOINT_";
    for (const char c : key) {
        name += c == '.' ? '_' : (c >= 'a' && c <= 'z') ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return name;
}

std::string_view section_of(std::string_view key) {
    return key.substr(0, key.find('.'));
}

std::string_view leaf_of(std::string_view key) {
    const auto dot = key.find('.');
    return dot == std::string_view::npos ? key : key.substr(dot + 1);
}

} // namespace restpoint::config
