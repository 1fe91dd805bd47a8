// What OpenSSL says in its own types, as ours. Internal to http.
#pragma once

#include "http/peer_facts.hpp"

#include <openssl/x509.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace restpoint::http {

/// Frees what OpenSSL gave by one function of its own.
template <auto Free>
struct freed_by {
    template <class T>
    void operator()(T* what) const {
        Free(what);
    }
};
using certificate_ptr = std::unique_ptr<X509, freed_by<X509_free>>;

/// The newest reason in OpenSSL's queue of errors, which is empty afterwards.
[[nodiscard]] std::string take_openssl_error();

[[nodiscard]] std::chrono::system_clock::time_point to_time(const ASN1_TIME* when);

/// Its common names and its alternative names, as whole as they stand there.
[[nodiscard]] std::vector<certificate_name> names_of(const X509* certificate);

} // namespace restpoint::http
