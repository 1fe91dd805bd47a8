// A Unix socket on which a function answers: for what asks one question a connection.
#pragma once

#include "base/unique_fd.hpp"
#include "support/catch.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <utility>

namespace restpoint::postgres::test {

class answering_socket {
  public:
    /// `end` is what a question ends with.
    answering_socket(
        const std::string& path, std::string end,
        std::function<std::string(const std::string&)> answer)
        : end_(std::move(end)), answer_(std::move(answer)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        REQUIRE(path.size() < sizeof address.sun_path);
        std::memcpy(address.sun_path, path.data(), path.size());
        listening_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        REQUIRE(
            ::bind(listening_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
            0);
        REQUIRE(::listen(listening_.get(), 8) == 0);
        thread_ = std::thread([this] { serve(); });
    }
    answering_socket(const answering_socket&) = delete;
    answering_socket& operator=(const answering_socket&) = delete;
    ~answering_socket() {
        over_ = true;
        thread_.join();
    }

  private:
    bool wait_for(int fd) const {
        while (!over_) {
            pollfd one{fd, POLLIN, 0};
            if (::poll(&one, 1, 10) > 0) {
                return true;
            }
        }
        return false;
    }

    void serve() {
        while (wait_for(listening_.get())) {
            const unique_fd client{::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
            std::string question;
            std::array<char, 4096> block{};
            while (question.find(end_) == std::string::npos && wait_for(client.get())) {
                const auto n = ::recv(client.get(), block.data(), block.size(), 0);
                if (n <= 0) {
                    break;
                }
                question.append(block.data(), static_cast<std::size_t>(n));
            }
            const auto answer = answer_(question);
            [[maybe_unused]] const auto sent =
                ::send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
        }
    }

    std::string end_;
    std::function<std::string(const std::string&)> answer_;
    unique_fd listening_ = {};
    std::atomic<bool> over_ = false;
    std::thread thread_ = {};
};

} // namespace restpoint::postgres::test
