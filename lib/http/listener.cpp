#include "http/listener.hpp"

#include "base/unique_fd.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace asio = boost::asio;
using asio::ip::tcp;

namespace restpoint::http {
namespace {

/// By hand: Asio's own sockets stay open in children.
boost::system::error_code open(
    asio::basic_socket_acceptor<listener::protocol>& acceptor, int family, int protocol) {
    boost::system::error_code ec;
    unique_fd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
    if (!fd) {
        return {errno, boost::system::system_category()};
    }
    acceptor.assign(listener::protocol(family, protocol), fd.get(), ec);
    if (!ec) {
        [[maybe_unused]] const int owned = fd.release();
    }
    return ec;
}

failure cannot_listen(const tcp::endpoint& where, const boost::system::error_code& ec) {
    const auto what =
        fmt::format("cannot listen on {} port {}", where.address().to_string(), where.port());
    if (ec == asio::error::address_in_use) {
        return {
            errc::conflict, what + ": the address is in use",
            "stop what listens there, or choose another port"};
    }
    return system_failure(what, ec.value(), "check server.listen");
}

sockaddr_un address_of(const std::string& path) {
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    std::memcpy(where.sun_path, path.data(), path.size());
    return where;
}

const sockaddr* as_address(const sockaddr_un& where) {
    return reinterpret_cast<const sockaddr*>(&where);
}

/// Of connecting there: 0, or the error number.
int try_connect(const sockaddr_un& where) {
    const unique_fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!probe) {
        return errno;
    }
    return ::connect(probe.get(), as_address(where), sizeof where) == 0 ? 0 : errno;
}

/// Makes way for a socket where the one that is there is nobody's.
result<> remove_leftover(const std::string& path) {
    struct stat about{};
    if (::lstat(path.c_str(), &about) != 0) {
        return {}; // gone meanwhile
    }
    if (!S_ISSOCK(about.st_mode)) {
        return failure{
            errc::conflict, fmt::format("'{}' is there, and is no socket", path),
            "name another path in server.unix_socket, or remove it"};
    }
    if (try_connect(address_of(path)) != ECONNREFUSED) {
        return failure{
            errc::conflict, fmt::format("another process listens on '{}'", path),
            "stop it, or choose another path in server.unix_socket"};
    }
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
        return system_failure(fmt::format("cannot remove the left-over socket '{}'", path), errno);
    }
    return {};
}

} // namespace

std::size_t longest_socket_path() {
    return sizeof sockaddr_un{}.sun_path - 1;
}

result<> listener::listen_tcp(const std::string& address, unsigned short port) {
    boost::system::error_code ec;
    const auto literal = asio::ip::make_address(address, ec);
    if (ec) {
        return failure{
            errc::invalid, "'" + address + "' is not an IP address",
            "listen on an address like 127.0.0.1 or ::1"};
    }
    const tcp::endpoint where(literal, port);
    ec = open(acceptor, where.protocol().family(), IPPROTO_TCP);
    if (!ec) {
        acceptor.set_option(asio::socket_base::reuse_address(true), ec);
    }
    if (!ec && literal.is_v6()) {
        // "::" means every address, whatever the machine's default is.
        acceptor.set_option(asio::ip::v6_only(false), ec);
    }
    if (!ec) {
        acceptor.bind(protocol::endpoint(where), ec);
    }
    if (!ec) {
        acceptor.listen(asio::socket_base::max_listen_connections, ec);
    }
    return ec ? result<>(cannot_listen(where, ec)) : result<>();
}

result<> listener::listen_local(const std::string& path) {
    if (path.size() > longest_socket_path()) {
        return failure{
            errc::invalid,
            fmt::format(
                "the path of the socket '{}' has {} bytes, and {} is the most", path, path.size(),
                longest_socket_path()),
            "choose a shorter path in server.unix_socket"};
    }
    const auto what = fmt::format("cannot listen on '{}'", path);
    if (const auto ec = open(acceptor, AF_UNIX, 0)) {
        return system_failure(what, ec.value());
    }
    const auto where = address_of(path);
    const int fd = acceptor.native_handle();
    int bound = ::bind(fd, as_address(where), sizeof where);
    if (bound != 0 && errno == EADDRINUSE) {
        if (auto removed = remove_leftover(path); !removed) {
            return removed;
        }
        bound = ::bind(fd, as_address(where), sizeof where);
    }
    if (bound != 0) {
        return system_failure(
            what, errno, "its folder must exist, and let restpoint's user make files in it");
    }
    struct stat about{};
    constexpr mode_t everybody = 0666;
    if (::lstat(path.c_str(), &about) != 0 || ::chmod(path.c_str(), everybody) != 0) {
        return system_failure(what, errno);
    }
    path_ = path;
    device_ = about.st_dev;
    inode_ = about.st_ino;
    boost::system::error_code ec;
    acceptor.listen(asio::socket_base::max_listen_connections, ec);
    return ec ? result<>(system_failure(what, ec.value())) : result<>();
}

unsigned short listener::port() {
    tcp::endpoint where;
    auto size = static_cast<socklen_t>(where.capacity());
    if (::getsockname(acceptor.native_handle(), where.data(), &size) != 0) {
        return 0;
    }
    where.resize(size);
    return where.port();
}

void listener::close() {
    boost::system::error_code ignored;
    acceptor.close(ignored);
    back_off.cancel();
    struct stat about{};
    const auto path = std::exchange(path_, {});
    if (!path.empty() && ::lstat(path.c_str(), &about) == 0 && about.st_dev == device_ &&
        about.st_ino == inode_) {
        ::unlink(path.c_str());
    }
}

} // namespace restpoint::http
