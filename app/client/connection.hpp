// A TCP connection to the service, used by one thread that waits: the client does one thing at a
// time, so it needs no event loop.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "client/address.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace restpoint::client {

class connection {
  public:
    enum class heard { bytes, closed, interrupt, silence };

    /// Tries every address that the host has. Fails with `unavailable`; the detail names the host.
    [[nodiscard]] static result<connection> open(
        const address& where, std::chrono::milliseconds patience);

    [[nodiscard]] result<> send(std::string_view text, std::chrono::milliseconds patience);

    /// Appends what comes to `bytes`. `interrupt` is a descriptor that ends the waiting when it can
    /// be read, or -1. Fails with `unavailable` when the connection breaks.
    [[nodiscard]] result<heard> hear(
        std::string& bytes, int interrupt, std::chrono::milliseconds patience);

  private:
    explicit connection(unique_fd socket) : socket_(std::move(socket)) {}

    unique_fd socket_;
};

} // namespace restpoint::client
