#include "client.hpp"

#include "http/ascii.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace restpoint::test {
namespace {

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

std::map<std::string, std::string> parse_fields(std::string_view text) {
    std::map<std::string, std::string> fields;
    while (!text.empty()) {
        auto line = http::cut_at(text, '\n');
        line.remove_suffix(line.ends_with('\r') ? 1 : 0);
        if (line.empty()) {
            continue;
        }
        const auto name = http::cut_at(line, ':');
        if (!fields.emplace(http::lower(name), http::trim(line)).second) {
            throw std::runtime_error("the field is there twice: " + std::string(name));
        }
    }
    return fields;
}

} // namespace

client::client() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    be_patient();
}

void client::be_patient() {
    const timeval patience{20, 0};
    if (!socket_ ||
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0) {
        fail("socket");
    }
}

client::client(unsigned short port, int receive_buffer) : client() {
    if (receive_buffer > 0) {
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    connect(port);
}

void client::connect(unsigned short port) {
    sockaddr_in where = {};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) {
        fail("connect");
    }
}

void client::connect_local(const std::string& path) {
    socket_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    be_patient();
    sockaddr_un where = {};
    where.sun_family = AF_UNIX;
    std::memcpy(where.sun_path, path.data(), path.size());
    if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) {
        fail("connect");
    }
}

void client::start_tls(std::shared_ptr<ssl_st> session) {
    std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes without MSG_NOSIGNAL
    SSL_set_fd(session.get(), socket_.get());
    ERR_clear_error();
    if (SSL_connect(session.get()) != 1) {
        const char* const why = ERR_reason_error_string(ERR_get_error());
        throw std::runtime_error(why == nullptr ? "the handshake was cut off" : why);
    }
    tls_ = std::move(session);
}

void client::send(std::string_view bytes) {
    if (tls_ && !bytes.empty()) {
        if (SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size())) <= 0) {
            throw std::runtime_error("nothing can be sent any more");
        }
        return;
    }
    while (!bytes.empty()) {
        const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0) {
            fail("send");
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void client::get(std::string_view path, std::string_view more_headers) {
    send(
        "GET " + std::string(path) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" +
        std::string(more_headers) + "\r\n");
}

void client::end_sending() {
    ::shutdown(socket_.get(), SHUT_WR);
}

void client::end_sending_over_tls() {
    SSL_shutdown(tls_.get());
}

void client::leave() {
    socket_.reset();
}

void client::reset() {
    const linger at_once{1, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    socket_.reset();
}

bool client::receive() {
    std::array<char, 65536> buffer = {};
    if (tls_) {
        ERR_clear_error();
        const int came = SSL_read(tls_.get(), buffer.data(), static_cast<int>(buffer.size()));
        if (came <= 0) {
            if (SSL_get_error(tls_.get(), came) == SSL_ERROR_ZERO_RETURN) {
                return false;
            }
            throw std::runtime_error("the connection was cut off");
        }
        input_.append(buffer.data(), static_cast<std::size_t>(came));
        return true;
    }
    const auto got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (got < 0) {
        fail("recv");
    }
    input_.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0;
}

std::string client::read_until(std::string_view delimiter) {
    for (;;) {
        const auto found = input_.find(delimiter);
        if (found != input_.npos) {
            auto out = input_.substr(0, found + delimiter.size());
            input_.erase(0, out.size());
            return out;
        }
        if (!receive()) {
            throw std::runtime_error("the connection ended in the middle: " + input_);
        }
    }
}

std::string client::read_exactly(std::size_t bytes) {
    while (input_.size() < bytes) {
        if (!receive()) {
            throw std::runtime_error("the connection ended in the middle");
        }
    }
    auto out = input_.substr(0, bytes);
    input_.erase(0, bytes);
    return out;
}

std::string client::read_to_end() {
    while (receive()) {
    }
    return std::exchange(input_, {});
}

bool client::is_closed() {
    try {
        return read_to_end().empty();
    } catch (const std::system_error& e) {
        return e.code().value() == ECONNRESET;
    }
}

answer client::read_chunks(answer so_far) {
    for (;;) {
        const auto line = read_until("\r\n");
        const auto size = std::stoul(line, nullptr, 16);
        if (size == 0) {
            break;
        }
        so_far.body += read_exactly(size);
        if (read_exactly(2) != "\r\n") {
            throw std::runtime_error("a chunk does not end with its length");
        }
    }
    std::string fields;
    for (auto line = read_until("\r\n"); line != "\r\n"; line = read_until("\r\n")) {
        fields += line;
    }
    so_far.trailers = parse_fields(fields);
    return so_far;
}

answer client::read_answer(of asked) {
    answer got;
    got.head = read_until("\r\n\r\n");
    std::string_view rest = got.head;
    const auto status_line = http::cut_at(rest, '\n');
    if (!status_line.starts_with("HTTP/1.1 ")) {
        throw std::runtime_error("not an answer: " + got.head);
    }
    got.status = std::stoi(std::string(status_line.substr(9, 3)));
    got.headers = parse_fields(rest);
    if (asked == of::head || got.status == 204 || got.status == 304 || got.status == 100) {
        return got;
    }
    if (got.headers.contains("transfer-encoding")) {
        return read_chunks(got);
    }
    if (got.headers.contains("content-length")) {
        got.body = read_exactly(std::stoul(got.headers.at("content-length")));
    } else {
        got.body = read_to_end();
    }
    return got;
}

} // namespace restpoint::test
