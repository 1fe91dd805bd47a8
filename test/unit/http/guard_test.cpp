#include "http/guard.hpp"
#include "http/peer_facts.hpp"
#include "support/catch.hpp"

using namespace restpoint::http;

namespace {

using fields = std::vector<std::pair<std::string, std::string>>;

request with(fields headers, method verb = method::get) {
    request asked;
    asked.verb = verb;
    asked.path = "/";
    asked.headers = std::move(headers);
    return asked;
}

/// To a good Host.
request sent_here(fields headers, method verb = method::get) {
    headers.emplace_back("host", "127.0.0.1:5000");
    return with(std::move(headers), verb);
}

const guard_options named{{"DB.example"}};

unsigned status_of(const std::optional<refusal>& refused) {
    return refused ? refused->status : 200;
}

std::string code_of(const std::optional<refusal>& refused) {
    return refused ? refused->code : "passes";
}

} // namespace

TEST_CASE("a host is an IP literal, localhost or an allowed name", "[http]") {
    const auto [host, status] = GENERATE(table<std::string, unsigned>({
        {"127.0.0.1", 200},
        {"127.0.0.1:5000", 200},
        {"192.168.1.20:80", 200},
        {"[::1]", 200},
        {"[::1]:5000", 200},
        {"[fe80::1]:5000", 200},
        {"localhost:5000", 200},
        {"LOCALHOST", 200},
        {"localhost.", 200},
        {"db.example", 200},
        {"db.EXAMPLE:5000", 200},
        {"evil.example", 421},
        {"localhost.evil.example", 421},
        {"db.example.evil", 421},
        {"127.0.0.1.evil.example", 421},
        {"127.1", 421},
        {"0x7f000001", 421},
        {"2130706433", 421},
        {"[127.0.0.1]", 400},
        {"[localhost]", 400},
        {"::1", 400},
        {"", 400},
        {":5000", 400},
        {"[::1", 400},
        {"[::1]5000", 400},
        {"127.0.0.1:", 200},
        {"127.0.0.1:port", 400},
        {"127.0.0.1:123456", 400},
        {"user@127.0.0.1", 400},
        {"127.0.0.1, evil.example", 400},
        {"127.0.0.1/x", 400},
    }));

    INFO(host);
    CHECK(status_of(check_request(with({{"host", host}}), named)) == status);
}

TEST_CASE("HTTP/1.1 has exactly one Host, HTTP/1.0 may have none", "[http]") {
    auto old = with({});
    old.minor_version = 0;

    CHECK(code_of(check_request(with({}), {})) == "host_missing");
    CHECK(
        code_of(check_request(with({{"host", "localhost"}, {"host", "localhost"}}), {})) ==
        "host_missing");
    CHECK(code_of(check_request(old, {})) == "passes");
    old.headers = {{"host", "evil.example"}};
    CHECK(code_of(check_request(old, {})) == "host_not_allowed");
}

TEST_CASE("of what a browser marked, only its own site's requests pass", "[http]") {
    const auto [site, code] = GENERATE(table<std::string, std::string>(
        {{"same-origin", "passes"},
         {"none", "passes"},
         {"same-site", "cross_site"},
         {"cross-site", "cross_site"},
         {"", "cross_site"},
         {"new-value", "cross_site"}}));
    const auto asked = sent_here({{"sec-fetch-site", site}});

    INFO(site);
    CHECK(code_of(check_request(asked, {})) == code);
    CHECK(code_of(check_change(asked)) == code);
}

TEST_CASE("a followed link may show something and change nothing", "[http]") {
    const fields followed = {
        {"sec-fetch-site", "cross-site"},
        {"sec-fetch-mode", "navigate"},
        {"sec-fetch-dest", "document"}};
    const fields framed = {
        {"sec-fetch-site", "cross-site"},
        {"sec-fetch-mode", "navigate"},
        {"sec-fetch-dest", "iframe"}};

    CHECK(code_of(check_request(sent_here(followed), {})) == "passes");
    CHECK(code_of(check_change(sent_here(followed))) == "cross_site");
    CHECK(code_of(check_request(sent_here(followed, method::post), {})) == "cross_site");
    CHECK(code_of(check_request(sent_here(framed), {})) == "cross_site");
}

TEST_CASE("an origin is the host's own or refused", "[http]") {
    const auto [host, origin, code] = GENERATE(table<std::string, std::string, std::string>({
        {"127.0.0.1:5000", "http://127.0.0.1:5000", "passes"},
        {"localhost:5000", "http://LOCALHOST:5000", "passes"},
        {"localhost", "http://localhost:80", "passes"},
        {"localhost:443", "https://localhost", "passes"},
        {"[::1]:5000", "http://[::1]:5000", "passes"},
        {"127.0.0.1:5000", "https://127.0.0.1:5000", "passes"}, // behind a proxy that ends TLS
        {"127.0.0.1:5000", "http://127.0.0.1:5001", "cross_site"},
        {"127.0.0.1:5000", "http://127.0.0.1", "cross_site"},
        {"127.0.0.1:5000", "http://localhost:5000", "cross_site"},
        {"127.0.0.1:5000", "http://evil.example", "cross_site"},
        {"127.0.0.1:5000", "http://127.0.0.1:5000.evil.example", "cross_site"},
        {"127.0.0.1:5000", "ftp://127.0.0.1:5000", "cross_site"},
        {"127.0.0.1:5000", "null", "cross_site"},
        {"127.0.0.1:5000", "", "cross_site"},
    }));
    const auto asked = with({{"host", host}, {"origin", origin}}, method::post);

    INFO(host << " " << origin);
    CHECK(code_of(check_request(asked, {})) == code);
    CHECK(code_of(check_change(asked)) == code);
}

TEST_CASE("an address ends where its text ends, not at a NUL in it", "[http]") {
    using namespace std::string_literals;
    CHECK(status_of(check_request(with({{"host", "[::1\0.example]:5000"s}}), {})) == 400);
    CHECK(status_of(check_request(with({{"host", "127.0.0.1\0.example"s}}), {})) == 421);
}

TEST_CASE("HEAD and every kind of prefetch pass as reads and change nothing", "[http]") {
    const auto mark = GENERATE(
        fields{{"sec-purpose", "prefetch"}}, fields{{"sec-purpose", "prefetch;prerender"}},
        fields{{"purpose", "prefetch"}}, fields{{"x-moz", "Prefetch"}},
        fields{{"x-purpose", "preview"}});

    CHECK(code_of(check_request(sent_here(mark), {})) == "passes");
    CHECK(code_of(check_change(sent_here(mark))) == "prefetch");
    CHECK(code_of(check_request(sent_here({}, method::head), {})) == "passes");
    CHECK(code_of(check_change(sent_here({}, method::head))) == "head");
}

TEST_CASE("a program without a browser's marks may change things", "[http]") {
    const auto curl = sent_here({{"user-agent", "curl/8"}, {"accept", "*/*"}});

    CHECK(code_of(check_request(curl, {})) == "passes");
    CHECK(code_of(check_change(curl)) == "passes");
    CHECK_FALSE(is_unmarked_browser(curl));
}

TEST_CASE("a browser on plain HTTP is recognised as one that says nothing of itself", "[http]") {
    CHECK(is_unmarked_browser(sent_here({{"accept", "text/html,*/*;q=0.8"}})));
    CHECK(is_unmarked_browser(sent_here({{"user-agent", "Mozilla/5.0 (X11)"}})));
    CHECK_FALSE(is_unmarked_browser(
        sent_here({{"user-agent", "Mozilla/5.0"}, {"sec-fetch-site", "none"}})));
}

TEST_CASE("over a Unix socket the host may have any name, and there is one", "[http]") {
    peer_facts local;
    local.user = 1000;
    auto asked = with({{"host", "anything.example"}});
    asked.from = &local;
    auto headless = with({});
    headless.from = &local;
    const peer_facts remote;

    CHECK(code_of(check_request(asked, {})) == "passes");
    CHECK(code_of(check_request(headless, {})) == "host_missing");
    asked.from = &remote;
    CHECK(code_of(check_request(asked, {})) == "host_not_allowed");
}
