// Bytes that are no requests, and requests that are slightly spoiled, against the program itself:
// each ends in an answer or in the end of its connection, and nothing is left behind.
#include "base/unique_fd.hpp"
#include "support/catch.hpp"
#include "v1.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <regex>
#include <sstream>
#include <thread>

using namespace restpoint;
using namespace restpoint::test;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 20s;

std::string content_of(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

template <class Condition>
void await(const char* what, Condition holds) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error(std::string(what) + " did not come true");
        }
        std::this_thread::sleep_for(5ms);
    }
}

/// `restpoint serve` in a folder of its own. Strangers may look and start nothing.
class program {
  public:
    program() {
        std::string name =
            (std::filesystem::temp_directory_path() / "restpoint-rndXXXXXX").native();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("cannot make a folder for the test");
        }
        folder_ = name;
        // Copies, since whom it is to run as may not be able to reach the build.
        std::filesystem::copy_file(RESTPOINT_PROGRAM, folder_ / "restpoint");
        std::filesystem::copy_file(RESTPOINT_FAKE_PGBACKREST, folder_ / "pgbackrest");
        std::ofstream(folder_ / "restpoint.toml")
            << "[server]\nlisten = \"127.0.0.1:0\"\n[auth]\nanonymous = \"viewer\"\n"
            << "[pgbackrest]\nbinary = \"" << name << "/pgbackrest\"\n"
            << "[postgres]\nsocket_dir = \"" << name << "\"\n"
            << "[state]\ndir = \"" << name << "/state\"\n[log]\nformat = \"json\"\n";
        start();
        await("an address in its log", [this] { return find_port(); });
    }
    ~program() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    program(const program&) = delete;
    program& operator=(const program&) = delete;

    [[nodiscard]] unsigned short port() const { return port_; }
    [[nodiscard]] std::string log() const { return content_of(folder_ / "log"); }
    /// The processes of jobs, as they noted themselves.
    [[nodiscard]] std::string jobs() const { return content_of(folder_ / "pids"); }

    [[nodiscard]] std::size_t descriptors() const {
        const std::filesystem::directory_iterator open(fmt::format("/proc/{}/fd", pid_));
        return static_cast<std::size_t>(std::distance(begin(open), end(open)));
    }

    /// Its children, of all its threads.
    [[nodiscard]] std::string children() const {
        std::string all;
        for (const auto& thread :
             std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid_))) {
            all += content_of(thread.path() / "children");
        }
        return all;
    }

    [[nodiscard]] bool lives() const { return ::kill(pid_, 0) == 0; }

    /// Its exit code; a sanitizer that has something to say makes it another one than 0.
    int stop() {
        ::kill(pid_, SIGTERM);
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

  private:
    void start() {
        std::vector<std::string> arguments{
            (folder_ / "restpoint").native(), "serve", "--config",
            (folder_ / "restpoint.toml").native()};
        if (::geteuid() == 0) { // as whom it refuses to run
            constexpr uid_t nobody = 65534;
            REQUIRE(::chown(folder_.c_str(), nobody, nobody) == 0);
            const std::vector<std::string> as_nobody{
                "/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"};
            arguments.insert(arguments.begin(), as_nobody.begin(), as_nobody.end());
        }
        std::vector<std::string> environment{
            "PATH=/usr/bin:/bin", "FAKE_PIDS=" + (folder_ / "pids").native()};
        // Where a sanitizer's own options come from.
        for (const auto* const name :
             {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"}) {
            if (const char* const value = std::getenv(name)) {
                environment.push_back(fmt::format("{}={}", name, value));
            }
        }
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        const auto log = (folder_ / "log").native();
        for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
            ::posix_spawn_file_actions_addopen(
                &actions, fd, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        }
        std::vector<char*> argv;
        std::vector<char*> envp;
        for (auto& one : arguments) {
            argv.push_back(one.data());
        }
        for (auto& one : environment) {
            envp.push_back(one.data());
        }
        argv.push_back(nullptr);
        envp.push_back(nullptr);
        const int failed =
            ::posix_spawn(&pid_, argv.front(), &actions, nullptr, argv.data(), envp.data());
        ::posix_spawn_file_actions_destroy(&actions);
        if (failed != 0) {
            throw std::runtime_error("cannot start " RESTPOINT_PROGRAM);
        }
    }

    bool find_port() {
        std::smatch found;
        const auto text = log();
        if (text.find("restpoint is ready") == text.npos ||
            !std::regex_search(text, found, std::regex("127\\.0\\.0\\.1:([0-9]+)"))) {
            return false;
        }
        port_ = static_cast<unsigned short>(std::stoi(found[1]));
        return true;
    }

    std::filesystem::path folder_;
    pid_t pid_ = -1;
    unsigned short port_ = 0;
};

const std::vector<std::string>& good_requests() {
    static const std::vector<std::string> all{
        "GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "GET /api/v1/jobs?limit=5&state=failed HTTP/1.1\r\nHost: localhost\r\nAccept: "
        "application/json\r\n\r\n",
        "GET /api/v1/jobs/1/log?follow=true HTTP/1.1\r\nHost: [::1]\r\nRange: bytes=1-\r\n\r\n",
        "GET /api/v1/jobs/1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nLast-Event-ID: 12\r\n\r\n",
        "GET /api/v1/openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\nIf-None-Match: \"a\", W/\"b\"\r\n"
        "Connection: keep-alive\r\n\r\nGET /metrics HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n",
        "POST /api/v1/stanzas/main/backups HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: "
        "application/json\r\nIdempotency-Key: k1\r\nContent-Length: 15\r\n\r\n{\"type\":\"full\"}",
        "POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: "
        "application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
        "7\r\ntoken=r\r\n3;x=\"y\"\r\np_a\r\n0\r\nTrailer: 1\r\n\r\n",
        "HEAD /pgBackRest/info HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: none\r\n"
        "Sec-Fetch-Mode: navigate\r\nAccept: text/html\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "GET http://127.0.0.1/%2e%2e/pgBackRest/backup/full?wait=true HTTP/1.1\r\nHost: "
        "127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
        "DELETE /api/v1/schedules/nightly HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer "
        "rp_aaaaaaaa_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\nCookie: restpoint_session=00ff; "
        "a=b\r\n\r\n"};
    return all;
}

const std::vector<std::string>& spoilers() {
    using namespace std::string_literals;
    static const std::vector<std::string> all{
        "\r\n",
        "\r\n\r\n",
        "\n",
        "\0"s,
        "%00",
        "%",
        "%zz",
        "\xC0\xAF",
        "\xFF\xFE",
        ":",
        ",",
        ";",
        "Content-Length: 18446744073709551616\r\n",
        "Content-Length: -1\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Host: evil.example\r\n",
        "Host: \r\n",
        " HTTP/2.0",
        " HTTP/1.1",
        "/../",
        "//",
        "?&=&&=",
        "ffffffffffffffff\r\n",
        std::string(300, 'a'),
        std::string(20'000, 'b'),
        "Connection: close\r\n",
        "Upgrade: websocket\r\n",
        "Range: bytes=0-,1-,2-\r\n"};
    return all;
}

/// Makes the requests, always the same ones.
class source {
  public:
    std::string next() {
        if (number(10) == 0) {
            return noise(1 + number(2'000));
        }
        auto text = pick(good_requests());
        for (auto left = 1 + number(6); left > 0; --left) {
            spoil(text);
        }
        return text.empty() ? "\r" : text;
    }

  private:
    std::size_t number(std::size_t below) { return std::size_t{random_()} % below; }

    const std::string& pick(const std::vector<std::string>& from) {
        return from[number(from.size())];
    }

    std::string noise(std::size_t size) {
        std::string bytes(size, '\0');
        std::ranges::generate(bytes, [this] { return static_cast<char>(number(256)); });
        return bytes;
    }

    void spoil(std::string& text) {
        const auto at = number(text.size() + 1);
        switch (number(6)) {
        case 0:
            text.insert(at, pick(spoilers()));
            break;
        case 1:
            text.insert(at, noise(1 + number(8)));
            break;
        case 2:
            text.erase(at, 1 + number(12));
            break;
        case 3:
            text.resize(at);
            break;
        case 4:
            text.insert(at, text.substr(number(text.size() + 1), 1 + number(64)));
            break;
        default:
            text += pick(good_requests());
            break;
        }
    }

    std::mt19937 random_{20261122};
};

/// One connection: what came until its end. Throws when the end does not come.
std::string exchange(unsigned short port, const std::string& bytes) {
    const unique_fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0 &&
        errno != EINPROGRESS) {
        throw std::runtime_error("cannot connect to the program under test");
    }
    const auto deadline = std::chrono::steady_clock::now() + patience;
    std::size_t sent = 0;
    std::string came;
    for (;;) {
        const auto wanted = sent < bytes.size() ? POLLIN | POLLOUT : POLLIN;
        pollfd ready{socket.get(), static_cast<short>(wanted), 0};
        if (::poll(&ready, 1, 1000) == 0 && std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error("the connection does not end; so far:\n" + came);
        }
        if ((ready.revents & POLLOUT) != 0) {
            const auto n =
                ::send(socket.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
            sent = n < 0 ? bytes.size() : sent + static_cast<std::size_t>(n);
            if (sent == bytes.size()) {
                ::shutdown(socket.get(), SHUT_WR);
            }
        }
        if ((ready.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
            std::array<char, 65536> block{};
            const auto n = ::recv(socket.get(), block.data(), block.size(), 0);
            if (n == 0 || (n < 0 && errno != EAGAIN)) {
                return came;
            }
            came.append(block.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
        }
    }
}

std::string shown(const std::string& bytes) {
    std::string text;
    for (const char c : bytes.substr(0, 600)) {
        const bool plain = c >= 0x20 && c < 0x7F && c != '\\';
        text += plain ? std::string(1, c) : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
    return text;
}

} // namespace

TEST_CASE("ten thousand spoiled requests leave nothing behind", "[component][api]") {
    program service;
    // What is opened once stays open: that is no leak.
    REQUIRE(ask(service.port(), "GET", "/pgBackRest/info").status == 200);
    REQUIRE(ask(service.port(), "GET", "/api/v1/stanzas/main").status == 200);
    await("no child is left", [&] { return service.children().empty(); });
    const auto open_before = service.descriptors();
    source requests;
    int answered = 0;

    for (int i = 0; i < 10'000; ++i) {
        const auto bytes = requests.next();
        INFO("request " << i << ": " << shown(bytes));
        const auto came = exchange(service.port(), bytes);
        REQUIRE((came.empty() || came.starts_with("HTTP/1.")));
        answered += came.empty() ? 0 : 1;
    }

    CHECK(answered > 5'000);
    CHECK(answered < 10'000);
    CHECK(ask(service.port(), "GET", "/livez").status == 200);
    CHECK(ask(service.port(), "GET", "/api/v1/jobs").body.find("\"jobs\":[]") != std::string::npos);
    CHECK(service.jobs().empty());
    await("no child is left", [&] { return service.children().empty(); });
    await("no descriptor is left", [&] { return service.descriptors() <= open_before; });
    CHECK(service.log().find("a request failed") == std::string::npos);
    CHECK(service.stop() == 0);
}
