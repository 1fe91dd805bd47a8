// The listener that is a file: who is behind it, and what becomes of the file.
#include "http/peer_facts.hpp"
#include "support/catch.hpp"
#include "tls_fixture.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <fstream>

using namespace restpoint;
using namespace std::chrono_literals;
using test::answering;
using test::client;
using test::running_server;

namespace {

http::server_options at(const std::filesystem::path& path) {
    http::server_options options;
    options.unix_socket = path;
    return options;
}

http::handler naming() {
    return answering([](const http::request& asked) {
        http::response out;
        out.body = asked.peer + (asked.from->user ? " local" : " remote");
        return out;
    });
}

result<std::unique_ptr<http::server>> try_listen(
    boost::asio::io_context& loop, http::server_options how) {
    how.port = 0;
    return http::server::listen(loop.get_executor(), std::move(how), naming());
}

} // namespace

TEST_CASE("who connects to the Unix socket is named by the kernel", "[http][component]") {
    const test::folder files;
    const auto path = files.path() / "s";
    const test::tls_fixture tls;
    auto options = at(path);
    options.tls = tls.context(); // which is TCP's alone
    running_server server(naming(), options);
    client local;
    local.connect_local(path);
    client remote(server.port());
    tls.greet(remote);

    local.send("GET / HTTP/1.1\r\nHost: any.example\r\n\r\n");
    remote.get("/");

    CHECK(
        local.read_answer().body ==
        "uid " + std::to_string(::geteuid()) + ":" + std::to_string(::getpid()) + " local");
    CHECK(remote.read_answer().body.ends_with(" remote"));
    struct stat about{};
    REQUIRE(::lstat(path.c_str(), &about) == 0);
    CHECK((about.st_mode & 0777U) == 0666U);
}

TEST_CASE("a Unix socket goes with its server", "[http][component]") {
    const test::folder files;
    const auto path = files.path() / "s";
    {
        running_server server(naming(), at(path));
        CHECK(std::filesystem::exists(path));
        if (GENERATE(true, false)) {
            server.start_drain(1s);
            REQUIRE(test::eventually([&] { return server.is_drained() && server.has_stopped(); }));
            CHECK_FALSE(std::filesystem::exists(path));
        }
    }
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a file that another put in the place of the socket stays", "[http][component]") {
    const test::folder files;
    const auto path = files.path() / "s";
    {
        running_server server(naming(), at(path));
        std::filesystem::remove(path);
        files.put("s", "another's");
    }
    CHECK(std::filesystem::exists(path));
}

TEST_CASE("a socket that was left behind is replaced", "[http][component]") {
    const test::folder files;
    const auto path = files.path() / "s";
    {
        const unique_fd dead(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_un where{};
        where.sun_family = AF_UNIX;
        path.native().copy(where.sun_path, sizeof where.sun_path - 1);
        REQUIRE(::bind(dead.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0);
    }
    REQUIRE(std::filesystem::exists(path));

    running_server server(naming(), at(path));
    client c;
    c.connect_local(path);
    c.get("/");

    CHECK(c.read_answer().status == 200);
}

TEST_CASE("a place that is taken is left alone", "[http][component]") {
    const test::folder files;
    const auto path = files.path() / "s";
    boost::asio::io_context loop;

    SECTION("by another server") {
        running_server server(naming(), at(path));
        const auto second = try_listen(loop, at(path));
        REQUIRE_FALSE(second);
        CHECK(second.error().code == errc::conflict);
        CHECK(second.error().detail == "another process listens on '" + path.native() + "'");
        client c;
        c.connect_local(path);
        c.get("/");
        CHECK(c.read_answer().status == 200);
    }
    SECTION("by a file") {
        files.put("s", "precious");
        const auto second = try_listen(loop, at(path));
        REQUIRE_FALSE(second);
        CHECK(second.error().detail == "'" + path.native() + "' is there, and is no socket");
        CHECK(std::filesystem::file_size(path) == 8);
    }
}

TEST_CASE("a place where no socket can be is refused", "[http][component]") {
    const test::folder files;
    boost::asio::io_context loop;

    const auto long_one = try_listen(loop, at(files.path() / std::string(107, 'x')));
    const auto nowhere = try_listen(loop, at(files.path() / "none" / "s"));

    REQUIRE_FALSE(long_one);
    CHECK(long_one.error().code == errc::invalid);
    CHECK(long_one.error().detail.find("107 is the most") != std::string::npos);
    REQUIRE_FALSE(nowhere);
    CHECK(nowhere.error().hint.find("folder must exist") != std::string::npos);
}
