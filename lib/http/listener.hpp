// A socket that clients connect to: TCP, or a Unix socket in the file system, which goes when it is
// closed.
#pragma once

#include "base/result.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <string>

namespace restpoint::http {

class listener {
  public:
    enum class kind { tcp, local };
    using protocol = boost::asio::generic::stream_protocol;

    listener(boost::asio::any_io_executor executor, kind of)
        : acceptor(executor), back_off(executor), kind_(of) {}
    ~listener() { close(); }
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;

    /// `address` is an IP literal. Fails with `conflict` when the address is taken.
    [[nodiscard]] result<> listen_tcp(const std::string& address, unsigned short port);

    /// A file that a service left behind is replaced; one on which somebody listens, or that is no
    /// socket, is a `conflict`. Everybody may connect: who may do what is judged by who it is.
    [[nodiscard]] result<> listen_local(const std::string& path);

    /// Of a TCP listener, also when the kernel chose it.
    [[nodiscard]] unsigned short port();
    [[nodiscard]] kind of() const { return kind_; }

    void close();

    boost::asio::basic_socket_acceptor<protocol> acceptor;
    boost::asio::steady_timer back_off;

  private:
    kind kind_;
    std::string path_ = {};
    std::uint64_t device_ = 0; ///< of our file there: another's is left alone
    std::uint64_t inode_ = 0;
};

/// The longest path that a Unix socket may have, in bytes (unix(7)).
[[nodiscard]] std::size_t longest_socket_path();

} // namespace restpoint::http
