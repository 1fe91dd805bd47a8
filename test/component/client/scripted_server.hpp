// A service that does as it is told: each connection gets the next answer, or is cut once its
// request is there.
#pragma once

#include "base/unique_fd.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace restpoint::test {

inline std::string json_answer(const std::string& status, const std::string& body) {
    return "HTTP/1.1 " + status +
           "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

class scripted_server {
  public:
    /// An empty answer cuts the connection.
    explicit scripted_server(std::vector<std::string> answers) : answers_(std::move(answers)) {
        listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const any = reinterpret_cast<sockaddr*>(&address);
        if (::bind(listener_.get(), any, size) != 0 || ::listen(listener_.get(), 8) != 0 ||
            ::getsockname(listener_.get(), any, &size) != 0) {
            throw std::runtime_error("cannot listen");
        }
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }

    ~scripted_server() { end(); }
    scripted_server(const scripted_server&) = delete;
    scripted_server& operator=(const scripted_server&) = delete;

    [[nodiscard]] std::string flag() const {
        return "--server=http://127.0.0.1:" + std::to_string(port_);
    }

    /// The requests that came, once the client has ended.
    const std::vector<std::string>& requests() {
        end();
        return requests_;
    }

  private:
    void end() {
        ::shutdown(listener_.get(), SHUT_RDWR); // ends accept()
        if (thread_.joinable()) {
            thread_.join();
        }
    }

    void serve() {
        for (std::size_t number = 0;; ++number) {
            const unique_fd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (!client) {
                return;
            }
            requests_.push_back(read_request(client.get()));
            const auto answer = number < answers_.size() ? answers_[number] : std::string();
            if (!answer.empty()) {
                ::send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
            }
        }
    }

    /// A head, and a body as long as the head says.
    static std::string read_request(int fd) {
        std::string text;
        for (;;) {
            const auto end = text.find("\r\n\r\n");
            const auto length = text.find("Content-Length: ");
            const std::size_t body =
                length < end
                    ? std::stoul(text.substr(length + std::string("Content-Length: ").size()))
                    : 0;
            if (end != text.npos && text.size() >= end + 4 + body) {
                return text;
            }
            pollfd one{fd, POLLIN, 0};
            char block[4096];
            constexpr int deadline = 20000;
            const auto came =
                ::poll(&one, 1, deadline) == 1 ? ::recv(fd, block, sizeof block, 0) : -1;
            if (came <= 0) {
                return text;
            }
            text.append(block, static_cast<std::size_t>(came));
        }
    }

    std::vector<std::string> answers_;
    std::vector<std::string> requests_ = {};
    unique_fd listener_ = {};
    unsigned port_ = 0;
    std::thread thread_ = {};
};

} // namespace restpoint::test
