// Certificates for tests, made while they run: an issuer, and what it signs.
#pragma once

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace restpoint::test {

/// As PEM.
struct identity {
    std::string certificate = {};
    std::string key = {};
};

struct wanted_certificate {
    std::string common_name = "127.0.0.1";
    std::string other_names = "IP:127.0.0.1"; ///< as in openssl.cnf, "DNS:a,URI:b"
    long begins_in_s = -3600;
    long ends_in_s = 86400;
};

class authority {
  public:
    explicit authority(const std::string& name = "an issuer")
        : key_(make_key()), certificate_(X509_new(), X509_free) {
        fill({name, "", -3600, 86400}, key_.get());
        extend(NID_basic_constraints, "critical,CA:TRUE");
        sign();
    }

    [[nodiscard]] std::string pem() const { return write_certificate(certificate_.get()); }

    /// With a key of its own.
    [[nodiscard]] identity issue(const wanted_certificate& what = {}) const {
        const auto key = make_key();
        authority made(*this, what, key.get());
        return {made.pem(), write_key(key.get(), nullptr)};
    }

    /// The key of `of` under a passphrase.
    static std::string locked_key() { return write_key(make_key().get(), "secret"); }

  private:
    using key_ptr = std::shared_ptr<EVP_PKEY>;

    authority(const authority& issuer, const wanted_certificate& what, EVP_PKEY* key)
        : key_(issuer.key_), certificate_(X509_new(), X509_free) {
        fill(what, key);
        X509_set_issuer_name(certificate_.get(), X509_get_subject_name(issuer.certificate_.get()));
        if (!what.other_names.empty()) {
            extend(NID_subject_alt_name, what.other_names.c_str());
        }
        sign();
    }

    static key_ptr make_key() {
        key_ptr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), EVP_PKEY_free);
        if (!key) {
            throw std::runtime_error("no key was made");
        }
        return key;
    }

    void fill(const wanted_certificate& what, EVP_PKEY* key) {
        static long serial = 1;
        auto* const made = certificate_.get();
        X509_set_version(made, X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(made), serial++);
        X509_gmtime_adj(X509_getm_notBefore(made), what.begins_in_s);
        X509_gmtime_adj(X509_getm_notAfter(made), what.ends_in_s);
        X509_NAME_add_entry_by_txt(
            X509_get_subject_name(made), "CN", MBSTRING_UTF8,
            reinterpret_cast<const unsigned char*>(what.common_name.data()),
            static_cast<int>(what.common_name.size()), -1, 0);
        X509_set_issuer_name(made, X509_get_subject_name(made));
        X509_set_pubkey(made, key);
    }

    void extend(int what, const char* value) {
        const std::unique_ptr<X509_EXTENSION, void (*)(X509_EXTENSION*)> made(
            X509V3_EXT_conf_nid(nullptr, nullptr, what, value), X509_EXTENSION_free);
        if (!made || X509_add_ext(certificate_.get(), made.get(), -1) != 1) {
            throw std::runtime_error(std::string("no such extension: ") + value);
        }
    }

    void sign() {
        if (X509_sign(certificate_.get(), key_.get(), EVP_sha256()) == 0) {
            throw std::runtime_error("the certificate was not signed");
        }
    }

    template <class Write>
    static std::string write(Write with) {
        const std::unique_ptr<BIO, void (*)(BIO*)> out(BIO_new(BIO_s_mem()), BIO_free_all);
        with(out.get());
        char* data = nullptr;
        const long size = BIO_get_mem_data(out.get(), &data);
        return {data, static_cast<std::size_t>(size)};
    }

    static std::string write_certificate(X509* certificate) {
        return write([&](BIO* out) { PEM_write_bio_X509(out, certificate); });
    }

    static std::string write_key(EVP_PKEY* key, const char* passphrase) {
        return write([&](BIO* out) {
            PEM_write_bio_PKCS8PrivateKey(
                out, key, passphrase == nullptr ? nullptr : EVP_aes_256_cbc(), passphrase,
                passphrase == nullptr ? 0 : 6, nullptr, nullptr);
        });
    }

    key_ptr key_; ///< of who signs
    std::shared_ptr<X509> certificate_;
};

} // namespace restpoint::test
