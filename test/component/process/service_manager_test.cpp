#include "base/unique_fd.hpp"
#include "process/service_manager.hpp"
#include "support/catch.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

using namespace restpoint;
using namespace restpoint::process;
using namespace std::chrono_literals;

namespace {

constexpr pid_t us = 4711;

/// The end of the service manager.
class manager_socket {
  public:
    explicit manager_socket(std::string name) : name_(std::move(name)) {
        sockaddr_un where{};
        where.sun_family = AF_UNIX;
        std::memcpy(where.sun_path, name_.data(), name_.size());
        if (name_.front() == '@') {
            where.sun_path[0] = '\0';
        }
        const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
        REQUIRE(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&where), length) == 0);
    }

    /// The next datagram, or empty when there is none now.
    std::string next() const {
        std::array<char, 512> text{};
        const auto n = ::recv(fd_.get(), text.data(), text.size(), MSG_DONTWAIT);
        return n < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(n));
    }

    const std::string& name() const { return name_; }

  private:
    std::string name_;
    unique_fd fd_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
};

/// A folder of its own for a socket with a path.
class folder {
  public:
    folder() { REQUIRE(::mkdtemp(name_.data()) != nullptr); }
    ~folder() { std::filesystem::remove_all(name_); }
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;
    std::string socket() const { return name_ + "/notify"; }

  private:
    std::string name_ = "/tmp/rp-notify-XXXXXX";
};

std::string abstract_name() {
    return "@restpoint-notify-test-" + std::to_string(::getpid());
}

} // namespace

TEST_CASE("a service manager that named no socket asks for nothing", "[process][component]") {
    CHECK(read_supervision(nullptr, "30000000", "4711", us).socket.empty());
    CHECK(read_supervision(nullptr, "30000000", "4711", us).watchdog == 0us);
    CHECK(read_supervision("", nullptr, nullptr, us).socket.empty());
    CHECK(read_supervision("notify", nullptr, nullptr, us).socket.empty());
    CHECK(read_supervision("@", nullptr, nullptr, us).socket.empty());
    const std::string too_long = "/" + std::string(200, 'x');
    CHECK(read_supervision(too_long.c_str(), nullptr, nullptr, us).socket.empty());
}

TEST_CASE("a watchdog is ours when it names our pid or nobody's", "[process][component]") {
    const auto watchdog = [](const char* usec, const char* pid) {
        return read_supervision("/run/notify", usec, pid, us).watchdog;
    };

    CHECK(watchdog("30000000", "4711") == 30s);
    CHECK(watchdog("30000000", nullptr) == 30s);
    CHECK(watchdog("30000000", "4712") == 0s);
    CHECK(watchdog("30000000", "us") == 0s);
    CHECK(watchdog(nullptr, "4711") == 0s);
    CHECK(watchdog("0", "4711") == 0s);
    CHECK(watchdog("-5", "4711") == 0s);
    CHECK(watchdog("30s", "4711") == 0s);
}

TEST_CASE("signs of life come twice as often as the watchdog asks", "[process][component]") {
    CHECK(service_manager({.socket = "/run/notify", .watchdog = 1s}).pace() == 500ms);
    CHECK(service_manager({.socket = "/run/notify", .watchdog = 1h}).pace() == 5s);
    CHECK(service_manager({.socket = "/run/notify"}).pace() == 5s);
}

TEST_CASE("the service manager hears each word at its socket", "[process][component]") {
    const folder ours;
    const manager_socket there(GENERATE_REF(ours.socket(), abstract_name()));
    service_manager manager({.socket = there.name(), .watchdog = 1s});

    manager.ready("listening\non two lines");
    CHECK(there.next() == "READY=1\nSTATUS=listening on two lines");

    manager.reloading();
    CHECK(there.next().starts_with("RELOADING=1\nMONOTONIC_USEC="));

    manager.alive("fine");
    CHECK(there.next() == "WATCHDOG=1\nSTATUS=fine");
    manager.alive("fine");
    CHECK(there.next() == "WATCHDOG=1\nSTATUS=fine");

    manager.stopping("ending", 30s);
    CHECK(there.next() == "STOPPING=1\nEXTEND_TIMEOUT_USEC=30000000\nSTATUS=ending");
    CHECK(there.next().empty());
}

TEST_CASE("without a watchdog only a changed status is said", "[process][component]") {
    const manager_socket there(abstract_name());
    service_manager manager({.socket = there.name()});

    manager.alive("fine");
    manager.alive("fine");
    manager.alive("busy");

    CHECK(there.next() == "WATCHDOG=1\nSTATUS=fine");
    CHECK(there.next() == "WATCHDOG=1\nSTATUS=busy");
    CHECK(there.next().empty());
}

TEST_CASE(
    "signs of life that find no room are dropped, and later ones arrive", "[process][component]") {
    const manager_socket there(abstract_name());
    service_manager manager({.socket = there.name(), .watchdog = 1s});

    for (int i = 0; i < 5000; ++i) { // more than any kernel queues for a datagram socket
        manager.alive("full");
    }
    int taken = 0;
    while (!there.next().empty()) {
        ++taken;
    }
    CHECK(taken < 5000);

    manager.alive("room again");
    CHECK(there.next() == "WATCHDOG=1\nSTATUS=room again");
}

TEST_CASE(
    "a service manager that is gone is told nothing and harms nobody", "[process][component]") {
    service_manager manager({.socket = abstract_name(), .watchdog = 1s});

    manager.ready("nobody hears it");
    manager.alive("nor this");

    service_manager silent{supervision{}};
    CHECK_FALSE(silent.listens());
    silent.ready("not even asked");
}
