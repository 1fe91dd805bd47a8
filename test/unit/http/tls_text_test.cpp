#include "http/tls_text_internal.hpp"
#include "support/catch.hpp"
#include "support/certificates.hpp"

#include <openssl/err.h>

using namespace restpoint;
using namespace restpoint::http;
using names = std::vector<certificate_name>;

namespace {

certificate_ptr parse(const std::string& pem) {
    const std::unique_ptr<BIO, void (*)(BIO*)> source(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free_all);
    return certificate_ptr(PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr));
}

names names_in(const test::wanted_certificate& what) {
    return names_of(parse(test::authority().issue(what).certificate).get());
}

} // namespace

TEST_CASE("a certificate's names keep their kind", "[http][tls]") {
    CHECK(names_in({"ci", ""}) == names{{"CN", "ci"}});
    CHECK(
        names_in({"db", "DNS:db.example,IP:127.0.0.1,email:a@b.example,URI:spiffe://x/y"}) ==
        names{
            {"CN", "db"},
            {"DNS", "db.example"},
            {"email", "a@b.example"},
            {"URI", "spiffe://x/y"}});
}

TEST_CASE("a NUL in a name does not end it", "[http][tls]") {
    const std::string name("ci\0.example", 11);

    CHECK(names_in({name, ""}) == names{{"CN", name}});
}

TEST_CASE("what is no time is the beginning of time", "[http][tls]") {
    const std::unique_ptr<ASN1_TIME, freed_by<ASN1_TIME_free>> when(ASN1_TIME_new());
    ASN1_STRING_set(when.get(), "soon", 4);
    CHECK(to_time(when.get()).time_since_epoch().count() == 0);

    ASN1_TIME_set(when.get(), 1'700'000'000);
    CHECK(std::chrono::system_clock::to_time_t(to_time(when.get())) == 1'700'000'000);
}

TEST_CASE("the newest error is told, once", "[http][tls]") {
    ERR_raise(ERR_LIB_SSL, ERR_R_MALLOC_FAILURE);
    ERR_raise(ERR_LIB_X509, X509_R_CERT_ALREADY_IN_HASH_TABLE);

    CHECK(take_openssl_error() == "cert already in hash table");
    CHECK(take_openssl_error() == "no reason given");
}
