#include "http/tls_context.hpp"

#include "base/file.hpp"
#include "base/time_text.hpp"
#include "http/tls_text_internal.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <array>
#include <string_view>

namespace fs = std::filesystem;

namespace restpoint::http {
namespace {

constexpr std::size_t largest_file = 1U << 20U;

constexpr const char* ciphers_of_tls_1_2 =
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:"
    "ECDHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256";

using context_ptr = std::shared_ptr<SSL_CTX>;
using bio_ptr = std::unique_ptr<BIO, freed_by<BIO_free_all>>;
using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;

result<std::string> read(const fs::path& path, std::string_view setting) {
    auto content = read_file(path, largest_file);
    if (!content) {
        auto why = content.error();
        why.code = errc::invalid;
        why.detail = fmt::format("{}: {}", setting, why.detail);
        why.hint = "name a PEM file that the user may read as whom restpoint runs";
        return why;
    }
    return content;
}

bio_ptr reader_of(const std::string& content) {
    return bio_ptr(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
}

/// Nobody is there to type a passphrase; OpenSSL would ask the terminal.
int refuse_passphrase(char* /*into*/, int /*size*/, int /*writing*/, void* asked) {
    if (asked != nullptr) {
        *static_cast<bool*>(asked) = true;
    }
    return -1;
}

/// Every certificate of a PEM text; empty when there is none or one of them cannot be read.
std::vector<certificate_ptr> read_certificates(const std::string& content) {
    std::vector<certificate_ptr> all;
    const auto source = reader_of(content);
    ERR_clear_error();
    while (auto* one = PEM_read_bio_X509(source.get(), nullptr, refuse_passphrase, nullptr)) {
        all.emplace_back(one);
    }
    const auto last = ERR_peek_last_error();
    const bool ended =
        ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
    if (!all.empty() && ended) {
        ERR_clear_error();
        return all;
    }
    return {};
}

/// ALPN, RFC 7301: HTTP/1.1 where the client offers it, and nothing said where it does not.
int choose_protocol(
    SSL* /*of*/, const unsigned char** chosen, unsigned char* chosen_size,
    const unsigned char* offered, unsigned offered_size, void* /*unused*/) {
    static constexpr std::array<unsigned char, 9> http_1_1 = {8,   'h', 't', 't', 'p',
                                                              '/', '1', '.', '1'};
    unsigned char* found = nullptr;
    const int fits = SSL_select_next_proto(
        &found, chosen_size, http_1_1.data(), unsigned{http_1_1.size()}, offered, offered_size);
    *chosen = found;
    return fits == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

context_ptr make_context() {
    context_ptr made(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    auto* const context = made.get();
    bool good = context != nullptr && SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
                SSL_CTX_set_cipher_list(context, ciphers_of_tls_1_2) == 1;
#if OPENSSL_VERSION_NUMBER < 0x30500000L
    // Later versions know better ones by themselves, with a key exchange for the time after.
    std::string groups = "X25519:P-256:P-384"; // the macro takes no constant
    good = good && SSL_CTX_set1_groups_list(context, groups.data()) == 1;
#endif
    if (!good) {
        return {};
    }
    SSL_CTX_set_options(
        context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                     SSL_OP_PRIORITIZE_CHACHA |
                     // HTTP says itself where an answer ends; and clients leave as they like.
                     SSL_OP_IGNORE_UNEXPECTED_EOF);
    // A connection that rests keeps no buffers.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1);
    // Sessions are resumed by tickets, which cost no memory here.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 1);
    static constexpr std::array<unsigned char, 9> ours = {'r', 'e', 's', 't', 'p',
                                                          'o', 'i', 'n', 't'};
    SSL_CTX_set_session_id_context(context, ours.data(), unsigned{ours.size()});
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
    SSL_CTX_set_default_passwd_cb(context, refuse_passphrase);
    return made;
}

result<> use_certificates(
    SSL_CTX* context, const std::vector<certificate_ptr>& chain, const fs::path& from) {
    if (chain.empty()) {
        return failure{
            errc::invalid,
            fmt::format(
                "server.tls_cert: '{}' holds no certificate that can be read: {}", from.native(),
                take_openssl_error()),
            "it must be PEM: restpoint's own certificate first, then those that signed it"};
    }
    bool good = SSL_CTX_use_certificate(context, chain.front().get()) == 1;
    for (std::size_t i = 1; i < chain.size() && good; ++i) {
        good = SSL_CTX_add1_chain_cert(context, chain[i].get()) == 1;
    }
    if (!good) {
        return failure{
            errc::invalid,
            fmt::format(
                "server.tls_cert: the certificate in '{}' cannot be used: {}", from.native(),
                take_openssl_error()),
            "it needs RSA with 2048 bits or more, or an elliptic curve, and SHA-256"};
    }
    return {};
}

result<> use_key(SSL_CTX* context, const std::string& content, const tls_files& from) {
    bool locked = false;
    ERR_clear_error();
    const key_ptr key(
        PEM_read_bio_PrivateKey(reader_of(content).get(), nullptr, refuse_passphrase, &locked));
    if (!key) {
        const auto reason = take_openssl_error();
        return failure{
            errc::invalid,
            locked ? fmt::format(
                         "server.tls_key: the key in '{}' is locked with a passphrase",
                         from.key.native())
                   : fmt::format(
                         "server.tls_key: '{}' holds no private key that can be read: {}",
                         from.key.native(), reason),
            locked ? "nobody is there to type it: 'openssl pkey -in FILE -out FILE' takes it off"
                   : "it must be PEM, beginning with '-----BEGIN PRIVATE KEY-----' or its like"};
    }
    if (SSL_CTX_use_PrivateKey(context, key.get()) == 1 &&
        SSL_CTX_check_private_key(context) == 1) {
        return {};
    }
    return failure{
        errc::invalid,
        fmt::format(
            "server.tls_key: the key in '{}' does not belong to the certificate in '{}': {}",
            from.key.native(), from.certificate.native(), take_openssl_error()),
        "the key is the one that the certificate was asked for with, and the certificate the first "
        "in its file"};
}

result<> use_client_ca(SSL_CTX* context, const fs::path& from) {
    const auto content = read(from, "server.tls_client_ca");
    if (!content) {
        return content.error();
    }
    const auto issuers = read_certificates(*content);
    bool good = !issuers.empty();
    for (const auto& one : issuers) {
        good = good && X509_STORE_add_cert(SSL_CTX_get_cert_store(context), one.get()) == 1 &&
               SSL_CTX_add_client_CA(context, one.get()) == 1;
    }
    if (!good) {
        return failure{
            errc::invalid,
            fmt::format(
                "server.tls_client_ca: '{}' holds no certificates that can be used: {}",
                from.native(), take_openssl_error()),
            "it must be PEM: the certificates of those who sign clients' certificates"};
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr); // asked for, and not demanded
    // Who is named here is trusted, also where somebody else signed its certificate.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
    return {};
}

void judge_dates(const X509* certificate, const fs::path& from, std::vector<std::string>& doubts) {
    const auto now = std::chrono::system_clock::now();
    const auto begins = to_time(X509_get0_notBefore(certificate));
    const auto ends = to_time(X509_get0_notAfter(certificate));
    if (ends <= now) {
        doubts.push_back(fmt::format(
            "the certificate in '{}' has expired on {}: clients will refuse it", from.native(),
            rfc3339(ends)));
    } else if (begins > now) {
        doubts.push_back(fmt::format(
            "the certificate in '{}' is good from {} on only: clients will refuse it",
            from.native(), rfc3339(begins)));
    }
}

void judge_permissions(const fs::path& key, std::vector<std::string>& doubts) {
    struct stat about{};
    if (::stat(key.c_str(), &about) == 0 && (about.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
        doubts.push_back(fmt::format(
            "the key '{}' has the permissions {:04o}: others may read or change it; chmod 600",
            key.native(), about.st_mode & 07777U));
    }
}

} // namespace

result<std::shared_ptr<const tls_context>> tls_context::load(const tls_files& from) {
    const auto certificate = read(from.certificate, "server.tls_cert");
    if (!certificate) {
        return certificate.error();
    }
    const auto key = read(from.key, "server.tls_key");
    if (!key) {
        return key.error();
    }
    const std::shared_ptr<tls_context> made(new tls_context);
    made->context_ = make_context();
    auto* const context = made->context_.get();
    if (context == nullptr) {
        return failure{
            errc::internal, fmt::format("OpenSSL offers no TLS: {}", take_openssl_error()),
            "look at the system's OpenSSL configuration"};
    }
    const auto chain = read_certificates(*certificate);
    if (auto used = use_certificates(context, chain, from.certificate); !used) {
        return used.error();
    }
    if (auto used = use_key(context, *key, from); !used) {
        return used.error();
    }
    if (!from.client_ca.empty()) {
        if (auto used = use_client_ca(context, from.client_ca); !used) {
            return used.error();
        }
    }
    made->expires_ = to_time(X509_get0_notAfter(chain.front().get()));
    judge_dates(chain.front().get(), from.certificate, made->doubts_);
    judge_permissions(from.key, made->doubts_);
    return std::shared_ptr<const tls_context>(made);
}

} // namespace restpoint::http
