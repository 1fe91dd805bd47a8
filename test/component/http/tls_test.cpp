// Requests, streams and limits over TLS, on real sockets.
#include "http/departure.hpp"
#include "http/peer_facts.hpp"
#include "support/catch.hpp"
#include "tls_fixture.hpp"

using namespace restpoint;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using test::answering;
using test::client;
using test::eventually;
using test::running_server;
using test::tls_fixture;

namespace {

http::server_options over(std::shared_ptr<const http::tls_context> tls) {
    http::server_options options;
    options.tls = std::move(tls);
    return options;
}

http::handler echo() {
    return answering([](const http::request& asked) {
        http::response out;
        out.body = asked.path + " " + asked.body;
        return out;
    });
}

/// "CN=ci DNS=host": whom the certificate of the request names.
http::handler naming() {
    return answering([](const http::request& asked) {
        http::response out;
        out.body = asked.from->encrypted ? "tls" : "plain";
        for (const auto& name : asked.from->certificate) {
            out.body += " " + name.kind + "=" + name.value;
        }
        return out;
    });
}

std::string text_of(std::size_t bytes) {
    std::string text;
    for (std::size_t line = 0; text.size() < bytes; ++line) {
        text += "line " + std::to_string(line) + "\n";
    }
    text.resize(bytes);
    return text;
}

} // namespace

TEST_CASE("requests over TLS are answered one after the other", "[http][tls][component]") {
    const tls_fixture tls;
    running_server server(echo(), over(tls.context()));
    client c(server.port());
    tls.greet(c);

    c.get("/one");
    CHECK(c.read_answer().body == "/one ");
    c.get("/two", "Connection: close\r\n");
    CHECK(c.read_answer().body == "/two ");

    CHECK(c.is_closed()); // and with close_notify, or it would throw
    CHECK(server.statistics().requests == 2);
}

TEST_CASE("what comes in one record with a request is not forgotten", "[http][tls][component]") {
    const tls_fixture tls;
    auto options = over(tls.context());
    options.body_bytes = 200'000; // more than a record
    running_server server(echo(), options);
    client c(server.port());
    tls.greet(c);
    const auto body = text_of(100'000);

    c.send(
        "GET /a HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /b HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        "POST /c HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n" +
        body);

    CHECK(c.read_answer().body == "/a ");
    CHECK(c.read_answer().body == "/b ");
    CHECK(c.read_answer().body == "/c " + body);
}

TEST_CASE("a large answer comes whole, also to who reads slowly", "[http][tls][component]") {
    const tls_fixture tls;
    const auto text = std::make_shared<const std::string>(text_of(8U << 20U));
    const bool streamed = GENERATE(false, true);
    running_server* running = nullptr;
    running_server server(
        answering([&](const http::request&) -> http::reply {
            if (!streamed) {
                http::response out;
                out.body = *text;
                return out;
            }
            const auto script = std::make_shared<test::source_script>(running->loop());
            for (std::size_t at = 0; at < text->size(); at += 300'001) {
                script->push(text->substr(at, 300'001));
            }
            script->end();
            return http::streamed{200, "text/plain", {}, {}, {}, test::play(script)};
        }),
        over(tls.context()));
    running = &server;
    client c(server.port(), 4096);
    tls.greet(c);

    c.get("/");

    CHECK((c.read_answer().body == *text));
    c.get("/");
    CHECK((c.read_answer().body == *text));
}

TEST_CASE("a client without TLS is told to use it", "[http][tls][component]") {
    const tls_fixture tls;
    running_server server(echo(), over(tls.context()));
    client c(server.port());

    c.get("/");

    const auto told = c.read_answer();
    CHECK(told.status == 400);
    CHECK(told.body.find("\"tls_required\"") != std::string::npos);
    CHECK(told.body.find("https://") != std::string::npos);
    CHECK(c.is_closed());
    CHECK(server.statistics().requests == 0);
}

TEST_CASE("a handshake that does not come, or stops, is ended", "[http][tls][component]") {
    const tls_fixture tls;
    auto options = over(tls.context());
    options.request_timeout = 20ms;
    running_server server(echo(), options);
    client c(server.port());

    c.send(GENERATE(as<std::string>{}, "", std::string("\x16\x03\x01\x02\x00\x01", 6)));

    CHECK(c.is_closed());
    CHECK(eventually([&] { return server.statistics().connections == 0; }));
}

TEST_CASE("what is no handshake ends the connection and nothing else", "[http][tls][component]") {
    const tls_fixture tls;
    running_server server(echo(), over(tls.context()));
    client noise(server.port());

    noise.send(std::string("\x16\x03\x01\x00\x05hello and more of it \x00\xff", 27));
    CHECK_FALSE(noise.read_to_end().empty()); // an alert

    client c(server.port());
    tls.greet(c);
    c.get("/");
    CHECK(c.read_answer().status == 200);
}

TEST_CASE("TLS before 1.2 and weak ciphers are refused", "[http][tls][component]") {
    const tls_fixture tls;
    running_server server(echo(), over(tls.context()));
    client c(server.port());
    const auto session = tls.session();
    SSL_set_security_level(session.get(), 0);
    if (GENERATE(true, false)) {
        SSL_set_min_proto_version(session.get(), TLS1_VERSION);
        SSL_set_max_proto_version(session.get(), TLS1_1_VERSION);
    } else {
        SSL_set_max_proto_version(session.get(), TLS1_2_VERSION);
        SSL_set_cipher_list(session.get(), "AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA256");
    }

    CHECK_THROWS(c.start_tls(session));
}

TEST_CASE("HTTP/1.1 is agreed on where the client offers protocols", "[http][tls][component]") {
    const tls_fixture tls;
    running_server server(echo(), over(tls.context()));
    const auto [offered, agreed] = GENERATE(
        table<std::string, std::string>({{"\x02h2\x08http/1.1", "http/1.1"}, {"\x02h2", ""}}));
    client c(server.port());
    const auto session = tls.session();
    SSL_set_alpn_protos(
        session.get(), reinterpret_cast<const unsigned char*>(offered.data()),
        static_cast<unsigned>(offered.size()));

    c.start_tls(session);

    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(c.tls(), &chosen, &size);
    CHECK(std::string(reinterpret_cast<const char*>(chosen), size) == agreed);
    c.get("/");
    CHECK(c.read_answer().status == 200);
}

TEST_CASE("a renewed certificate is shown to new connections", "[http][tls][component]") {
    const tls_fixture tls;
    running_server server(echo(), over(tls.context()));
    const auto serial_of = [](const client& c) {
        const std::unique_ptr<X509, void (*)(X509*)> shown(
            SSL_get1_peer_certificate(c.tls()), X509_free);
        return ASN1_INTEGER_get(X509_get0_serialNumber(shown.get()));
    };
    client before(server.port());
    tls.greet(before);

    const auto renewed = tls.context();
    server.renew(renewed);
    client after(server.port());
    tls.greet(after);

    CHECK(serial_of(after) > serial_of(before));
    before.get("/old");
    CHECK(before.read_answer().body == "/old ");
    after.get("/new");
    CHECK(after.read_answer().body == "/new ");
}

TEST_CASE("a client's certificate names it in its requests", "[http][tls][component]") {
    const tls_fixture tls;
    running_server server(naming(), over(tls.asking_context()));
    client named(server.port());
    client nameless(server.port());

    tls.greet(named, tls.clients.issue({"ci", "DNS:ci.example.org,email:ci@example.org,URI:x:y"}));
    tls.greet(nameless);

    named.get("/");
    CHECK(named.read_answer().body == "tls CN=ci DNS=ci.example.org email=ci@example.org URI=x:y");
    nameless.get("/");
    CHECK(nameless.read_answer().body == "tls");
}

TEST_CASE("a client keeps its name when it resumes its session", "[http][tls][component]") {
    const tls_fixture tls;
    running_server server(naming(), over(tls.asking_context()));
    const auto own = tls.clients.issue({"ci", ""});
    client first(server.port());
    const auto version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
    const auto begun = tls.session(own);
    SSL_set_max_proto_version(begun.get(), version);
    first.start_tls(begun);
    first.get("/");
    REQUIRE(first.read_answer().body == "tls CN=ci"); // the ticket came before it

    client second(server.port());
    const auto resumed = tls.session(own);
    SSL_set_max_proto_version(resumed.get(), version);
    const std::unique_ptr<SSL_SESSION, void (*)(SSL_SESSION*)> ticket(
        SSL_get1_session(first.tls()), SSL_SESSION_free);
    SSL_set_session(resumed.get(), ticket.get());
    second.start_tls(resumed);
    second.get("/");

    CHECK(second.read_answer().body == "tls CN=ci");
    CHECK(SSL_session_reused(second.tls()) == 1);
}

TEST_CASE("a client's certificate that is not good ends the connection", "[http][tls][component]") {
    const tls_fixture tls;
    running_server server(naming(), over(tls.asking_context()));
    const test::authority stranger("somebody else");
    const bool expired = GENERATE(false, true);
    const auto shown =
        expired ? tls.clients.issue({"ci", "", -7200, -3600}) : stranger.issue({"ci", ""});
    client c(server.port());

    // With TLS 1.3 a client learns of it when it reads.
    CHECK_THROWS([&] {
        tls.greet(c, shown);
        c.get("/");
        (void)c.read_answer();
    }());

    CHECK(server.statistics().requests == 0);
}

TEST_CASE("a handler that waits is told that its client left TLS", "[http][tls][component]") {
    const tls_fixture tls;
    std::atomic<int> came = 0;
    std::atomic<int> left = 0;
    http::server_options options = over(tls.context());
    options.half_closed_timeout = 10ms;
    running_server server(
        [&](const http::request& asked) -> asio::awaitable<http::reply> {
            return [](const http::request& of, std::atomic<int>& begun,
                      std::atomic<int>& ended) -> asio::awaitable<http::reply> {
                ++begun;
                co_await of.client->wait();
                ++ended;
                co_return http::response{};
            }(asked, came, left);
        },
        options);
    client c(server.port());
    tls.greet(c);
    c.get("/");
    REQUIRE(eventually([&] { return came == 1; }));
    CHECK(left == 0);

    const int how = GENERATE(0, 1, 2);
    if (how == 0) {
        c.reset();
    } else if (how == 1) {
        c.end_sending_over_tls();
    } else {
        c.end_sending();
    }

    CHECK(eventually([&] { return left == 1; }));
    CHECK(eventually([&] { return server.statistics().connections == 0; }));
}

TEST_CASE("beyond the limit the longest idle TLS connection goes", "[http][tls][component]") {
    const tls_fixture tls;
    auto options = over(tls.context());
    options.max_connections = 1;
    running_server server(echo(), options);
    client idle(server.port());
    if (GENERATE(true, false)) {
        tls.greet(idle);
        idle.get("/");
        REQUIRE(idle.read_answer().status == 200);
    } else {
        REQUIRE(eventually([&] { return server.statistics().connections == 1; }));
    }

    client c(server.port());
    tls.greet(c);
    c.get("/");

    CHECK(c.read_answer().status == 200);
    CHECK(idle.is_closed());
}

TEST_CASE("a drain ends TLS connections that rest", "[http][tls][component]") {
    const tls_fixture tls;
    running_server server(echo(), over(tls.context()));
    client greeted(server.port());
    tls.greet(greeted);
    greeted.get("/");
    REQUIRE(greeted.read_answer().status == 200);
    client silent(server.port());
    REQUIRE(eventually([&] { return server.statistics().connections == 2; }));

    server.start_drain(20s);

    CHECK(greeted.is_closed());
    CHECK(silent.is_closed());
    CHECK(eventually([&] { return server.is_drained(); }));
}
