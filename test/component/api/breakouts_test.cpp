// Texts that try to become an option, a line or a header of their own, in every parameter of every
// route. The places come from the routes and from their OpenAPI description, so a new route is
// tried as soon as it is there.
#include "support/known_argv.hpp"
#include "v1.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

using namespace restpoint;
using namespace restpoint::test;
namespace json = boost::json;

namespace {

using namespace std::string_literals;

/// With an option that would send a backup elsewhere, as most of them have it.
std::vector<std::string> breakouts() {
    return {
        "",
        "-",
        "--",
        "--repo1-path=/tmp/elsewhere",
        "--stanza=other",
        "full --repo1-path=/tmp/elsewhere",
        "full\n--repo1-path=/tmp/elsewhere",
        "full\r\nX-Injected: 1\r\n\r\n",
        "full\0--repo1-path=/tmp/elsewhere"s,
        "full%00--repo1-path=/tmp/elsewhere",
        "../../etc/passwd",
        "$(id)`id`;'\"\\|&",
        "\xFE\xFF\0-\0-\0r"s,            // UTF-16
        "\xADr\xE9po",                   // Latin-1, where 0xAD is a hyphen
        "\xC0\xAD\xC0\xADrepo1-path=/x", // dashes, overlong
        "\xE2\x80\x90\xE2\x80\x90repo",  // dashes of Unicode
        "99999999999999999999999",
        std::string(4000, '-')};
}

const std::string planted = "planted-cipher-pass-5b1f";

std::string percent_encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

/// A JSON text with the bytes as they are, but for what would end it.
std::string as_json(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        } else {
            out += c == '"' || c == '\\' ? "\\"s + c : std::string(1, c);
        }
    }
    return out + '"';
}

/// A header's value cannot hold what would end it: the request would be another one.
std::string in_header(std::string text) {
    for (auto& c : text) {
        c = c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
    }
    return text;
}

struct request_text {
    std::string verb;
    std::string target;
    std::string headers = {};
    std::string body = {};
};

/// A route with good values everywhere, and the names of its parameters.
struct target {
    http::route_outline route;
    std::vector<std::string> query;    ///< names
    std::vector<std::string> headers;  ///< names
    std::vector<std::string> members;  ///< of the body
    std::vector<std::string> required; ///< of these
};

/// What each {name} of a pattern is when something else is tried.
const std::map<std::string, std::string, std::less<>> good_values{
    {"id", "1"},
    {"stanza", "main"},
    {"label", "20261122-064235F_20261122-064331D"},
    {"name", "nightly"},
    {"type", "full"}};

/// The path, in which the parameter `tried` has the value of `instead`.
std::string path_of(
    std::string pattern, std::string_view tried = "", std::string_view instead = "") {
    for (auto begin = pattern.find('{'); begin != pattern.npos; begin = pattern.find('{', begin)) {
        const auto end = pattern.find('}', begin);
        const auto name = pattern.substr(begin + 1, end - begin - 1);
        INFO(pattern << " has a parameter without a good value: say one in this file");
        REQUIRE(good_values.contains(name));
        const auto value =
            name == tried ? percent_encoded(instead) : good_values.find(name)->second;
        pattern.replace(begin, end - begin + 1, value);
        begin += value.size();
    }
    return pattern;
}

std::vector<std::string> path_names(std::string_view pattern) {
    std::vector<std::string> names;
    for (auto begin = pattern.find('{'); begin != pattern.npos; begin = pattern.find('{', begin)) {
        const auto end = pattern.find('}', begin);
        names.emplace_back(pattern.substr(begin + 1, end - begin - 1));
        begin = end;
    }
    return names;
}

/// Follows {"$ref": "#/…"}.
const json::value& resolved(const json::value& document, const json::value& what) {
    const auto* const reference = what.as_object().if_contains("$ref");
    if (reference == nullptr) {
        return what;
    }
    return resolved(document, document.at_pointer(std::string(reference->as_string()).substr(1)));
}

void take_parameters(const json::value& document, const json::object& operation, target& into) {
    const auto* const parameters = operation.if_contains("parameters");
    if (parameters == nullptr) {
        return;
    }
    for (const auto& one : parameters->as_array()) {
        const auto& told = resolved(document, one).as_object();
        const std::string name(told.at("name").as_string());
        if (told.at("in") == "query") {
            into.query.push_back(name);
        } else if (told.at("in") == "header") {
            into.headers.push_back(name);
        }
    }
}

void take_body(const json::value& document, const json::object& operation, target& into) {
    const auto* const body = operation.if_contains("requestBody");
    if (body == nullptr) {
        return;
    }
    const auto& media = resolved(document, *body).at("content").as_object();
    const auto& schema = resolved(document, media.begin()->value().at("schema")).as_object();
    for (const auto& [name, member] : schema.at("properties").as_object()) {
        into.members.emplace_back(name);
    }
    if (const auto* const required = schema.if_contains("required")) {
        for (const auto& name : required->as_array()) {
            into.required.emplace_back(name.as_string());
        }
    }
}

/// Of pages, which nothing describes: all that any of them reads.
void take_page(target& into) {
    into.query = {"level", "wait", "target", "next", "token", "stop", "start", "name"};
    into.headers = {"Authorization", "Cookie", "Accept"};
}

std::vector<target> targets_of(running_service& service) {
    const auto document = json::parse(ask(service.port(), "GET", "/api/v1/openapi.json").body);
    const auto& paths = document.at("paths").as_object();
    std::vector<target> all;
    for (auto& route : service.routes()) {
        target one{route, {}, {}, {}, {}};
        const auto* const described = paths.if_contains(route.pattern);
        if (described != nullptr) {
            std::string verb(http::to_string(route.verb));
            std::ranges::transform(
                verb, verb.begin(), [](char c) { return static_cast<char>(c | 0x20); });
            const auto& operation = described->at(verb).as_object();
            take_parameters(document, operation, one);
            take_body(document, operation, one);
        } else {
            take_page(one);
        }
        all.push_back(std::move(one));
    }
    return all;
}

/// What a member is when something else is tried, as JSON text.
const std::map<std::string, std::string, std::less<>> good_members{
    {"type", R"("full")"},
    {"annotations", R"({"k":"v"})"},
    {"plan", R"("0")"},
    {"digest", R"("0")"},
    {"confirm", R"("main")"}};

/// A body with all that must be there, and one member of the given value, as JSON text.
std::string body_with(
    const target& where, const std::string& member = "", const std::string& value = "") {
    std::string text;
    for (const auto& name : where.required) {
        INFO(name << " must be in a body, and has no good value: say one in this file");
        REQUIRE(good_members.contains(name));
        if (name != member) {
            text += fmt::format("\"{}\":{},", name, good_members.find(name)->second);
        }
    }
    text += member.empty() ? "" : fmt::format("\"{}\":{},", member, value);
    return text.empty() ? "" : "{" + text.substr(0, text.size() - 1) + "}";
}

/// The requests that try `text` at one place each.
std::vector<request_text> tries_of(const target& where, const std::string& text) {
    const std::string verb(http::to_string(where.route.verb));
    const auto path = path_of(where.route.pattern);
    const auto good = body_with(where);
    std::vector<request_text> all;
    for (const auto& name : path_names(where.route.pattern)) {
        all.push_back({verb, path_of(where.route.pattern, name, text), "", good});
    }
    // At once: each is read by somebody else, and every start takes its time.
    std::string query = "?";
    for (const auto& name : where.query) {
        query += name + "=" + percent_encoded(text) + "&";
        all.push_back({"HEAD", path + "?" + name + "=" + percent_encoded(text)});
    }
    std::string headers;
    for (const auto& name : where.headers) {
        headers += name + ": " + in_header(text) + "\r\n";
    }
    all.push_back({verb, path + query, headers, good});
    for (const auto& name : where.query) {
        if (where.route.pattern.starts_with("/api/")) {
            all.push_back({verb, path + "?" + name + "=" + percent_encoded(text), "", good});
        }
    }
    for (const auto& member : where.members) {
        for (const auto& value :
             {as_json(text), "{\"k\":" + as_json(text) + "}", "{" + as_json(text) + ":\"v\"}"}) {
            all.push_back({verb, path, "", body_with(where, member, value)});
        }
    }
    if (where.route.verb != http::method::get) {
        all.push_back({verb, path, "", text});
        all.push_back({verb, path, "", "token=" + text});
    }
    return all;
}

std::string repeated(std::string_view text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) {
        all += text;
    }
    return all;
}

/// Bodies that are a trial for whoever reads them.
std::vector<std::string> hard_bodies() {
    return {
        repeated("[", 100'000),
        repeated(R"({"annotations":)", 10'000),
        R"({"type":"full","type":"--repo1-path=/x"})",
        R"({"type":"--repo1-path=/x","type":"full","queue":false})",
        R"({"repo":1e999999})",
        R"({"repo":123456789012345678901234567890,"type":"full"})",
        R"({"repo":-1,"type":"full"})",
        R"({"annotations":{"k":"v","k":"--x"},"type":"incr","repo":1.0})",
        "{\"type\":\"full\"}\0--repo1-path=/x"s,
        R"({"type":"full"} {"type":"diff"})",
        "\xEF\xBB\xBF{\"type\":\"full\"}"};
}

/// Asks, and waits for the end of what was started.
void try_one(running_service& service, const request_text& what) {
    INFO(what.verb << " " << what.target << "\n" << what.headers << what.body.substr(0, 200));
    const auto got = ask(service.port(), what.verb, what.target, what.headers, what.body);
    REQUIRE(got.status >= 200);
    REQUIRE(got.status != 500);
    REQUIRE_FALSE(got.headers.contains("x-injected"));
    REQUIRE(got.body.find(planted) == got.body.npos);
    if (got.status == 202) {
        const auto ended =
            ask(service.port(), "GET", got.headers.at("location"), "Prefer: wait=20\r\n");
        REQUIRE(object(ended).at("state") == "succeeded");
    }
}

std::vector<std::string> words_of(const std::string& line) {
    std::vector<std::string> words;
    std::istringstream parts(line);
    for (std::string part; parts >> part;) {
        std::string word;
        for (std::size_t i = 0; i + 2 < part.size(); i += 3) {
            word += static_cast<char>(std::stoi(part.substr(i + 1, 2), nullptr, 16));
        }
        words.push_back(std::move(word));
    }
    return words;
}

/// The arguments of every child there was.
std::vector<std::vector<std::string>> arguments_in(const std::filesystem::path& file) {
    std::vector<std::vector<std::string>> all;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        all.push_back(words_of(line));
    }
    return all;
}

bool holds(const std::vector<std::string>& words, std::string_view one) {
    return std::ranges::find(words, one) != words.end();
}

class argv_file {
  public:
    argv_file()
        : path_(
              std::filesystem::temp_directory_path() /
              fmt::format("restpoint-argv-{}", ::getpid())) {
        std::filesystem::remove(path_);
    }
    ~argv_file() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
    argv_file(const argv_file&) = delete;
    argv_file& operator=(const argv_file&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

} // namespace

TEST_CASE("nothing that a caller writes becomes an option of a child", "[component][api]") {
    const argv_file seen;
    running_service service(
        {"FAKE_ARGV_WORDS=" + seen.path().native(), "PGBACKREST_REPO1_CIPHER_PASS=" + planted,
         "FAKE_PGBACKREST_INFO=" RESTPOINT_TEST_DATA "/backrest/info-full-diff-incr.json"});
    service.await_schedules();
    // So that there is a job to ask for.
    try_one(service, {"POST", "/api/v1/stanzas/main/checks"});
    const auto targets = targets_of(service);
    CHECK(targets.size() > 40);

    for (const auto& where : targets) {
        for (const auto& text : breakouts()) {
            for (const auto& what : tries_of(where, text)) {
                try_one(service, what);
            }
        }
        if (!where.members.empty()) {
            for (const auto& body : hard_bodies()) {
                try_one(service, {"POST", path_of(where.route.pattern), "X-Trial: hard\r\n", body});
            }
        }
    }

    const known_invocation ours{"/etc/pgbackrest/pgbackrest.conf", "main"};
    const auto started = arguments_in(seen.path());
    for (const auto& arguments : started) {
        const auto stranger = stranger_in(arguments, ours);
        INFO(stranger.value_or(""));
        CHECK_FALSE(stranger);
    }
    // It did come so far as to a child: as a value, in an argument of ours.
    CHECK(std::ranges::any_of(started, [](const auto& arguments) {
        return holds(arguments, "--annotation=k=--repo1-path=/tmp/elsewhere");
    }));
    for (const auto* const command :
         {"backup", "check", "verify", "expire", "annotate", "stanza-create", "stanza-upgrade"}) {
        INFO(command);
        CHECK(std::ranges::any_of(
            started, [command](const auto& arguments) { return holds(arguments, command); }));
    }
}
