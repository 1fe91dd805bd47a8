// A connection to the service, over TCP, TLS or a Unix socket, used by one thread that waits: the
// client does one thing at a time, so it needs no event loop.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "client/address.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace restpoint::client {

class connection {
  public:
    enum class heard { bytes, closed, interrupt, silence };

    /// Tries every address that the host has. Fails with `unavailable`; the detail names the host.
    /// Over TLS the service's certificate must be one for that host, signed by who is believed; else,
    /// and where a file of ours is wrong, with `invalid`.
    [[nodiscard]] static result<connection> open(
        const address& where, std::chrono::milliseconds patience);

    [[nodiscard]] result<> send(std::string_view text, std::chrono::milliseconds patience);

    /// Appends what comes to `bytes`. `interrupt` is a descriptor that ends the waiting when it can
    /// be read, or -1. Fails with `unavailable` when the connection breaks.
    [[nodiscard]] result<heard> hear(
        std::string& bytes, int interrupt, std::chrono::milliseconds patience);

  private:
    class encryption; ///< OpenSSL's part, which does no I/O
    struct encryption_end {
        void operator()(encryption* what) const;
    };

    explicit connection(unique_fd socket) : socket_(std::move(socket)) {}

    [[nodiscard]] result<> encrypt(const address& where, std::chrono::milliseconds patience);
    [[nodiscard]] result<heard> hear_encrypted(
        std::string& bytes, int interrupt, std::chrono::milliseconds patience);
    [[nodiscard]] result<> send_as_is(std::string_view bytes, std::chrono::milliseconds patience);
    [[nodiscard]] result<heard> hear_as_is(
        std::string& bytes, int interrupt, std::chrono::milliseconds patience);

    unique_fd socket_;
    std::unique_ptr<encryption, encryption_end> tls_ = {}; ///< none: without TLS
};

} // namespace restpoint::client
