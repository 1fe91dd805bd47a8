// What asks the servers in the bench, cheap enough not to be what is measured. Plain Linux, no
// library.
//
//   clients drain PORT PATH CLIENTS LEAST   CLIENTS connections ask for PATH and read to the end;
//                                           what comes is discarded in the kernel, uncopied
//   clients probe PORT PATH                 one connection asks again and again, a millisecond
//                                           between, until standard input ends
//   clients knock PORT PATH                 the same with a new connection each time
//
// All print one JSON object. A client that got fewer than LEAST bytes, or an answer that is not a
// 200, is an error: exit 1.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

using seconds = std::chrono::duration<double>;
using clock_type = std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "clients: %s\n", what.c_str());
    std::exit(1);
}

void demand(bool good, const char* call) {
    if (!good) {
        fail(std::string(call) + ": " + std::strerror(errno));
    }
}

int connect_to(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    demand(fd >= 0, "socket");
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    demand(::connect(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0, "connect");
    const int on = 1;
    demand(::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0, "setsockopt");
    return fd;
}

void send_all(int fd, std::string_view bytes) {
    demand(
        ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()),
        "send");
}

void demand_ok(std::string_view head) {
    if (!head.starts_with("HTTP/1.1 200")) {
        fail("not a 200: " + std::string(head.substr(0, 200)));
    }
}

struct client {
    int fd = -1;
    std::uint64_t bytes = 0;
    double ended = 0;
};

/// Reads what there is, a good deal at most; false at the end.
bool read_on(client& one) {
    constexpr std::size_t most = 1U << 20U;
    if (one.bytes == 0) {
        std::array<char, 256> head{};
        const auto n = ::recv(one.fd, head.data(), head.size(), MSG_PEEK | MSG_DONTWAIT);
        if (n > 0) {
            demand_ok({head.data(), static_cast<std::size_t>(n)});
        }
    }
    const auto n = ::recv(one.fd, nullptr, most, MSG_TRUNC | MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return true;
    }
    demand(n >= 0, "recv");
    one.bytes += static_cast<std::uint64_t>(n);
    return n > 0;
}

int drain(std::uint16_t port, const std::string& path, std::size_t count, std::uint64_t least) {
    std::vector<client> clients(count);
    const int poll_set = ::epoll_create1(EPOLL_CLOEXEC);
    demand(poll_set >= 0, "epoll_create1");
    for (std::size_t i = 0; i < count; ++i) {
        clients[i].fd = connect_to(port);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = i;
        demand(::epoll_ctl(poll_set, EPOLL_CTL_ADD, clients[i].fd, &event) == 0, "epoll_ctl");
    }
    const auto request =
        "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    const auto began = clock_type::now();
    for (const auto& one : clients) {
        send_all(one.fd, request);
    }
    std::array<epoll_event, 256> events{};
    for (std::size_t open = count; open > 0;) {
        const int ready = ::epoll_wait(poll_set, events.data(), events.size(), 600000);
        demand(ready > 0 || errno == EINTR, "epoll_wait");
        for (int i = 0; i < ready; ++i) {
            auto& one = clients[events[static_cast<std::size_t>(i)].data.u64];
            if (!read_on(one)) {
                one.ended = seconds(clock_type::now() - began).count();
                ::close(one.fd);
                --open;
            }
        }
    }
    std::uint64_t total = 0;
    for (const auto& one : clients) {
        total += one.bytes;
        if (one.bytes < least) {
            fail("a client got " + std::to_string(one.bytes) + " bytes only");
        }
    }
    std::sort(clients.begin(), clients.end(), [](const client& a, const client& b) {
        return a.ended < b.ended;
    });
    std::printf(
        "{\"bytes\": %llu, \"first_s\": %.6f, \"all_s\": %.6f}\n",
        static_cast<unsigned long long>(total), clients.front().ended, clients.back().ended);
    return 0;
}

/// So that a busy neighbour on its core is not taken for a slow server. Where that is not allowed
/// the figures are higher, never lower.
void be_urgent() {
    sched_param how{};
    how.sched_priority = 10;
    [[maybe_unused]] const auto rc = ::sched_setscheduler(0, SCHED_FIFO, &how);
}

void read_answer(int fd) {
    std::array<char, 4096> answer{};
    const auto n = ::recv(fd, answer.data(), answer.size(), 0);
    demand(n > 0, "recv");
    demand_ok({answer.data(), static_cast<std::size_t>(n)});
}

enum class probing { one_connection, new_connections };

int probe(std::uint16_t port, const std::string& path, probing how) {
    const auto request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    int fd = connect_to(port);
    std::vector<double> waits;
    be_urgent();
    pollfd input{STDIN_FILENO, POLLIN, 0};
    while (::poll(&input, 1, 1) == 0) {
        const auto asked = clock_type::now();
        if (how == probing::new_connections) {
            ::close(fd);
            fd = connect_to(port);
        }
        send_all(fd, request);
        read_answer(fd);
        waits.push_back(seconds(clock_type::now() - asked).count() * 1e3);
    }
    if (waits.empty()) {
        fail("nothing was asked");
    }
    std::sort(waits.begin(), waits.end());
    const auto at = [&waits](double part) {
        return waits[static_cast<std::size_t>(part * static_cast<double>(waits.size() - 1))];
    };
    std::printf(
        "{\"asked\": %zu, \"median_ms\": %.3f, \"p99_ms\": %.3f, \"longest_ms\": %.3f}\n",
        waits.size(), at(0.5), at(0.99), waits.back());
    return 0;
}

std::uint64_t number(const char* text) {
    char* end = nullptr;
    const auto value = std::strtoull(text, &end, 10);
    if (*text == '\0' || *end != '\0') {
        fail(std::string("not a number: ") + text);
    }
    return value;
}

} // namespace

int main(int argc, char** argv) {
    const std::vector<std::string_view> words(argv + 1, argv + argc);
    if (words.size() == 5 && words[0] == "drain") {
        return drain(
            static_cast<std::uint16_t>(number(argv[2])), argv[3], number(argv[4]), number(argv[5]));
    }
    if (words.size() == 3 && words[0] == "probe") {
        return probe(static_cast<std::uint16_t>(number(argv[2])), argv[3], probing::one_connection);
    }
    if (words.size() == 3 && words[0] == "knock") {
        return probe(
            static_cast<std::uint16_t>(number(argv[2])), argv[3], probing::new_connections);
    }
    fail("usage: clients drain PORT PATH CLIENTS LEAST | clients probe|knock PORT PATH");
}
