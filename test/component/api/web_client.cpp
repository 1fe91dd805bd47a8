#include "web_client.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>

namespace restpoint::test {
namespace {

constexpr std::chrono::seconds patience{20};

void take_fields(std::string_view lines, fields& into) {
    while (!lines.empty()) {
        const auto end = lines.find("\r\n");
        const auto line = lines.substr(0, end);
        const auto colon = line.find(": ");
        if (colon != line.npos) {
            std::string name(line.substr(0, colon));
            std::transform(name.begin(), name.end(), name.begin(), [](char c) {
                return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
            });
            into[name] = std::string(line.substr(colon + 2));
        }
        lines.remove_prefix(end == lines.npos ? lines.size() : end + 2);
    }
}

void take_chunks(std::string_view bytes, web_answer& answer) {
    for (;;) {
        const auto line_end = bytes.find("\r\n");
        if (line_end == bytes.npos) {
            return;
        }
        const auto size = std::stoul(std::string(bytes.substr(0, line_end)), nullptr, 16);
        bytes.remove_prefix(line_end + 2);
        if (size == 0) {
            answer.complete = bytes.ends_with("\r\n");
            take_fields(bytes, answer.trailers);
            return;
        }
        answer.body += bytes.substr(0, size);
        if (bytes.size() < size + 2) {
            return;
        }
        bytes.remove_prefix(size + 2);
    }
}

} // namespace

web_client::web_client(
    unsigned short port, std::string_view verb, std::string_view target, std::string_view headers,
    std::string_view body)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), is_head_(verb == "HEAD") {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) {
        throw std::runtime_error("cannot connect to the server under test");
    }
    const bool has_host = headers.find("Host: ") != headers.npos;
    const auto request = fmt::format(
        "{} {} HTTP/1.1\r\n{}{}Content-Length: {}\r\n\r\n{}", verb, target,
        has_host ? "" : "Host: 127.0.0.1\r\n", headers, body.size(), body);
    if (::send(socket_.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size())) {
        throw std::runtime_error("cannot send a request");
    }
}

bool web_client::receive(std::chrono::steady_clock::time_point deadline) {
    pollfd readable{socket_.get(), POLLIN, 0};
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0 || ::poll(&readable, 1, static_cast<int>(left.count())) <= 0) {
        throw std::runtime_error("nothing came within the deadline; so far:\n" + input_);
    }
    std::array<char, 65536> block{};
    const auto n = ::recv(socket_.get(), block.data(), block.size(), 0);
    closed_ = n <= 0;
    input_.append(block.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
    return !closed_;
}

void web_client::end_sending() {
    ::shutdown(socket_.get(), SHUT_WR);
}

void web_client::reset() {
    const linger at_once{1, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    socket_.reset();
}

web_answer web_client::so_far() const {
    web_answer answer;
    const auto head_end = input_.find("\r\n\r\n");
    if (head_end == std::string::npos) {
        return answer;
    }
    answer.status = std::stoi(input_.substr(9, 3));
    take_fields(std::string_view(input_).substr(0, head_end + 2), answer.headers);
    const auto rest = std::string_view(input_).substr(head_end + 4);
    if (is_head_ || answer.status == 204 || answer.status == 304) {
        answer.complete = true;
        return answer;
    }
    if (answer.headers.contains("transfer-encoding")) {
        take_chunks(rest, answer);
    } else if (answer.headers.contains("content-length")) {
        answer.body = rest;
        answer.complete = rest.size() >= std::stoul(answer.headers.at("content-length"));
    } else {
        answer.body = rest;
        answer.complete = closed_;
    }
    return answer;
}

web_answer web_client::until(std::string_view text) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (;;) {
        auto answer = so_far();
        if (answer.body.find(text) != std::string::npos) {
            return answer;
        }
        if (answer.complete || !receive(deadline)) {
            throw std::runtime_error(fmt::format("'{}' never came; this did:\n{}", text, input_));
        }
    }
}

web_answer web_client::head() {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (so_far().status == 0 && receive(deadline)) {
    }
    return so_far();
}

web_answer web_client::whole() {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!so_far().complete && receive(deadline)) {
    }
    return so_far();
}

web_answer ask(
    unsigned short port, std::string_view verb, std::string_view target, std::string_view headers,
    std::string_view body) {
    return web_client(port, verb, target, headers, body).whole();
}

} // namespace restpoint::test
