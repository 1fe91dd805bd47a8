// A server with TLS, its certificate, and clients that believe it.
#pragma once

#include "base/file.hpp"
#include "client.hpp"
#include "http/tls_context.hpp"
#include "running_server.hpp"
#include "support/certificates.hpp"

#include <openssl/ssl.h>

#include <filesystem>
#include <memory>
#include <string>

namespace restpoint::test {

/// A folder that goes with its owner.
class folder {
  public:
    folder() {
        std::string name = (std::filesystem::temp_directory_path() / "restpoint-XXXXXX").native();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("no folder was made");
        }
        path_ = name;
    }
    ~folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    std::filesystem::path put(const std::string& name, const std::string& content) const {
        write_file(path_ / name, content).value();
        return path_ / name;
    }

  private:
    std::filesystem::path path_;
};

struct tls_fixture {
    authority issuer{};
    authority clients{"the clients' issuer"};
    folder files{};

    [[nodiscard]] http::tls_files write(const identity& who) const {
        return {
            files.put("tls.crt", who.certificate + issuer.pem()), files.put("tls.key", who.key)};
    }

    [[nodiscard]] std::shared_ptr<const http::tls_context> context() const {
        return http::tls_context::load(write(issuer.issue())).value();
    }

    /// Of a server that asks clients for certificates.
    [[nodiscard]] std::shared_ptr<const http::tls_context> asking_context() const {
        auto from = write(issuer.issue());
        from.client_ca = files.put("clients.crt", clients.pem());
        return http::tls_context::load(from).value();
    }

    /// Of a client that believes in our issuer alone, and shows `own` if it is given.
    [[nodiscard]] std::shared_ptr<SSL> session(const identity& own = {}) const {
        const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
        const auto ca = files.put("issuer.crt", issuer.pem());
        SSL_CTX_load_verify_file(context.get(), ca.c_str());
        SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
        if (!own.certificate.empty()) {
            const auto certificate = files.put("own.crt", own.certificate);
            const auto key = files.put("own.key", own.key);
            SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str());
            SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM);
        }
        return {SSL_new(context.get()), SSL_free};
    }

    void greet(client& c, const identity& own = {}) const { c.start_tls(session(own)); }
};

} // namespace restpoint::test
