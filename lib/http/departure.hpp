// Whether the client is still there, for who works or waits on its behalf.
//
// The end of what a client sends is not the end of the client (RFC 9112, 9.6: it may send its
// request, shut its side, and read the answer), yet a client that closed looks just the same. So it
// is answered for as long as the answer goes on: what is sent to a client that is gone comes back
// as a reset. Where nothing is sent for `patience`, it is taken for gone; TCP's keep-alive finds
// most of these within a minute, but not behind a proxy.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>

namespace restpoint::http {

class connection;

class departure {
  public:
    /// `of` outlives this.
    departure(connection& of, std::chrono::milliseconds patience) : of_(of), patience_(patience) {}

    /// Returns when the client has left or was interrupted; what it sends ahead is no departure,
    /// and stays where it is. Throws nothing but its own cancellation.
    [[nodiscard]] boost::asio::awaitable<void> wait() const;

  private:
    connection& of_;
    std::chrono::milliseconds patience_;
};

} // namespace restpoint::http
