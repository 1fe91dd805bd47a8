// The client's end of TLS. OpenSSL reads and writes memory here, and the connection does the rest, so
// that waiting, time-outs and Ctrl-C are the same with TLS and without.
#include "client/connection.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>

namespace restpoint::client {
namespace {

using std::chrono::milliseconds;
using context_ptr = std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)>;

std::string openssl_error() {
    const auto code = ERR_peek_last_error();
    ERR_clear_error();
    const char* const reason = ERR_reason_error_string(code);
    return reason == nullptr ? "no reason given" : reason;
}

failure bad_file(std::string_view what, const std::string& path) {
    return {
        errc::invalid,
        fmt::format("the {} in '{}' cannot be used: {}", what, path, openssl_error()),
        "name a PEM file that you may read"};
}

result<> prepare(SSL_CTX* context, const tls_choice& choice) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    const bool believes = choice.ca_file.empty()
                              ? SSL_CTX_set_default_verify_paths(context) == 1
                              : SSL_CTX_load_verify_file(context, choice.ca_file.c_str()) == 1;
    if (!believes) {
        return bad_file("certificates of the authority", choice.ca_file);
    }
    if (choice.certificate.empty()) {
        return {};
    }
    if (SSL_CTX_use_certificate_chain_file(context, choice.certificate.c_str()) != 1) {
        return bad_file("certificate", choice.certificate);
    }
    const auto& key = choice.key.empty() ? choice.certificate : choice.key;
    if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1) {
        return bad_file("key", key);
    }
    return {};
}

bool is_address(const std::string& host) {
    std::array<unsigned char, 16> bytes{};
    return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

/// What the certificate must be for; a name is told to the service, which may have several.
bool expect(SSL* session, const std::string& host) {
    if (is_address(host)) {
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str()) == 1;
    }
    std::string name = host; // it takes no constant
    return SSL_set1_host(session, host.c_str()) == 1 &&
           // The macro SSL_set_tlsext_host_name() without its cast.
           SSL_ctrl(
               session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) == 1;
}

} // namespace

class connection::encryption {
  public:
    enum class step { done, wants_more, ended, failed };

    explicit encryption(SSL_CTX* context) : session_(SSL_new(context), SSL_free) {
        SSL_set_bio(session_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_connect_state(session_.get());
    }

    [[nodiscard]] SSL* session() { return session_.get(); }

    [[nodiscard]] step shake_hands() {
        ERR_clear_error();
        return judge(SSL_do_handshake(session_.get()));
    }

    [[nodiscard]] step write(std::string_view text) {
        ERR_clear_error();
        std::size_t written = 0;
        return text.empty()
                   ? step::done
                   : judge(SSL_write_ex(session_.get(), text.data(), text.size(), &written));
    }

    /// Appends everything that can be read now.
    [[nodiscard]] step read(std::string& bytes) {
        std::array<char, 16 * 1024> block; // not cleared: it is filled as far as it is used
        bool some = false;
        for (;;) {
            std::size_t got = 0;
            ERR_clear_error();
            const int done = SSL_read_ex(session_.get(), block.data(), block.size(), &got);
            if (done != 1) {
                const auto came = judge(done);
                return some && came != step::failed ? step::done : came;
            }
            bytes.append(block.data(), got);
            some = true;
        }
    }

    void came(std::string_view bytes) {
        BIO_write(SSL_get_rbio(session_.get()), bytes.data(), static_cast<int>(bytes.size()));
    }

    /// What is to be sent now.
    [[nodiscard]] std::string take() {
        BIO* const out = SSL_get_wbio(session_.get());
        std::string bytes(BIO_ctrl_pending(out), '\0');
        if (!bytes.empty()) {
            BIO_read(out, bytes.data(), static_cast<int>(bytes.size()));
        }
        return bytes;
    }

    [[nodiscard]] const std::string& why() const { return why_; }

  private:
    step judge(int returned) {
        switch (SSL_get_error(session_.get(), returned)) {
        case SSL_ERROR_NONE:
            return step::done;
        case SSL_ERROR_WANT_READ:
            return step::wants_more;
        case SSL_ERROR_ZERO_RETURN:
            return step::ended;
        default:
            why_ = openssl_error();
            return step::failed;
        }
    }

    std::unique_ptr<SSL, void (*)(SSL*)> session_;
    std::string why_ = {};
};

void connection::encryption_end::operator()(encryption* what) const {
    const std::unique_ptr<encryption> gone(what);
}

result<> connection::encrypt(const address& where, milliseconds patience) {
    const auto what = fmt::format("cannot speak TLS with {}", where.authority);
    const context_ptr context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    if (const auto ready = prepare(context.get(), where.tls); !ready) {
        return ready;
    }
    tls_.reset(new encryption(context.get()));
    if (!expect(tls_->session(), where.host)) {
        return failure{errc::invalid, fmt::format("{}: {}", what, openssl_error())};
    }
    for (;;) {
        const auto done = tls_->shake_hands();
        if (const auto sent = send_as_is(tls_->take(), patience); !sent) {
            return sent;
        }
        if (done == encryption::step::done) {
            return {};
        }
        if (done == encryption::step::failed) {
            const auto verified = SSL_get_verify_result(tls_->session());
            if (verified != X509_V_OK) {
                return failure{
                    errc::invalid,
                    fmt::format(
                        "the certificate of {} is not to be trusted: {}", where.authority,
                        X509_verify_cert_error_string(verified)),
                    "--ca-file or RESTPOINT_CA_FILE names the certificates of who signed it"};
            }
            return failure{
                errc::unavailable, fmt::format("{}: {}", what, tls_->why()),
                "does it speak TLS there? http:// is without"};
        }
        std::string bytes;
        const auto heard = hear_as_is(bytes, -1, patience);
        if (!heard) {
            return heard.error();
        }
        if (*heard != connection::heard::bytes) {
            return failure{
                errc::unavailable, what + ": it ended the handshake",
                "does it ask for a certificate of yours? --cert and --key show one"};
        }
        tls_->came(bytes);
    }
}

result<> connection::send(std::string_view text, milliseconds patience) {
    if (!tls_) {
        return send_as_is(text, patience);
    }
    if (tls_->write(text) != encryption::step::done) {
        return failure{errc::unavailable, "the connection to the service broke: " + tls_->why()};
    }
    return send_as_is(tls_->take(), patience);
}

result<connection::heard> connection::hear(
    std::string& bytes, int interrupt, milliseconds patience) {
    return tls_ ? hear_encrypted(bytes, interrupt, patience)
                : hear_as_is(bytes, interrupt, patience);
}

result<connection::heard> connection::hear_encrypted(
    std::string& bytes, int interrupt, milliseconds patience) {
    for (;;) {
        const auto done = tls_->read(bytes);
        if (done == encryption::step::done) {
            return heard::bytes;
        }
        if (done == encryption::step::ended) {
            return heard::closed;
        }
        if (done == encryption::step::failed) {
            return failure{
                errc::unavailable, "the connection to the service broke: " + tls_->why(),
                "a refused certificate of yours shows here, too: --cert and --key name it"};
        }
        std::string raw;
        const auto came = hear_as_is(raw, interrupt, patience);
        if (!came || *came == heard::interrupt || *came == heard::silence) {
            return came;
        }
        if (*came == heard::closed) {
            return failure{
                errc::unavailable, "the connection to the service was cut off",
                "is restpoint running there?"};
        }
        tls_->came(raw);
    }
}

} // namespace restpoint::client
