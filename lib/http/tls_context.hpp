// The certificate that a listener shows, its key, and whose clients' certificates it believes: TLS
// 1.2 and 1.3, with authenticated ciphers and forward secrecy only, no compression, no
// renegotiation. Immutable: a renewed certificate is another context, and connections that were
// made under this one go on.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

struct ssl_ctx_st; // OpenSSL's

namespace restpoint::http {

struct tls_files {
    std::filesystem::path certificate = {}; ///< PEM: our own first, then those that signed it
    std::filesystem::path key = {};         ///< PEM, without a passphrase
    /// PEM: clients may show certificates of these issuers. Empty: none are asked for.
    std::filesystem::path client_ca = {};
};

class tls_context {
  public:
    /// Reads the files; blocking, and they are small. Fails with `invalid` when one of them is not
    /// what it should be or key and certificate do not belong together, and as read_file() does.
    [[nodiscard]] static result<std::shared_ptr<const tls_context>> load(const tls_files& from);

    /// What an operator should know though it works: sentences about the key's permissions and the
    /// certificate's dates.
    [[nodiscard]] const std::vector<std::string>& doubts() const { return doubts_; }

    [[nodiscard]] std::chrono::system_clock::time_point expires() const { return expires_; }
    [[nodiscard]] ssl_ctx_st* native() const { return context_.get(); }

  private:
    tls_context() = default;

    std::shared_ptr<ssl_ctx_st> context_ = {};
    std::vector<std::string> doubts_ = {};
    std::chrono::system_clock::time_point expires_ = {};
};

} // namespace restpoint::http
