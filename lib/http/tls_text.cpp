#include "http/tls_text_internal.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <ctime>

namespace restpoint::http {
namespace {

struct bytes_free {
    void operator()(unsigned char* bytes) const { OPENSSL_free(bytes); }
};

/// With its length: a NUL in a name must not make it look like a shorter one.
std::string to_utf8(const ASN1_STRING* text) {
    unsigned char* raw = nullptr;
    const int size = ASN1_STRING_to_UTF8(&raw, text);
    const std::unique_ptr<unsigned char, bytes_free> owner(raw);
    return size < 0
               ? ""
               : std::string(reinterpret_cast<const char*>(raw), static_cast<std::size_t>(size));
}

void add(std::vector<certificate_name>& names, const char* kind, const ASN1_STRING* text) {
    auto value = to_utf8(text);
    if (!value.empty()) {
        names.push_back({kind, std::move(value)});
    }
}

} // namespace

std::string take_openssl_error() {
    const auto code = ERR_peek_last_error();
    ERR_clear_error();
    const char* const reason = ERR_reason_error_string(code);
    return reason == nullptr ? "no reason given" : reason;
}

std::chrono::system_clock::time_point to_time(const ASN1_TIME* when) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(when, &parts) != 1) {
        return {};
    }
    return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

std::vector<certificate_name> names_of(const X509* certificate) {
    std::vector<certificate_name> names;
    const X509_NAME* const subject = X509_get_subject_name(certificate);
    for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;) {
        add(names, "CN", X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    }
    const std::unique_ptr<GENERAL_NAMES, freed_by<GENERAL_NAMES_free>> others(
        static_cast<GENERAL_NAMES*>(
            X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    const int count = others ? sk_GENERAL_NAME_num(others.get()) : 0;
    for (int i = 0; i < count; ++i) {
        const auto* const name = sk_GENERAL_NAME_value(others.get(), i);
        if (name->type == GEN_DNS) {
            add(names, "DNS", name->d.dNSName);
        } else if (name->type == GEN_EMAIL) {
            add(names, "email", name->d.rfc822Name);
        } else if (name->type == GEN_URI) {
            add(names, "URI", name->d.uniformResourceIdentifier);
        }
    }
    return names;
}

} // namespace restpoint::http
