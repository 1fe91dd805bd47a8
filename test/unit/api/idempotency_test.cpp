#include "api/idempotency.hpp"
#include "requests.hpp"
#include "support/catch.hpp"

namespace restpoint::api {
namespace {

http::request post(std::string key, std::string body = "{}") {
    auto asked = get("/api/v1/stanzas/main/checks", {{"idempotency-key", std::move(key)}});
    asked.verb = http::method::post;
    asked.body = std::move(body);
    asked.peer = "10.0.0.7:4711";
    return asked;
}

jobs::request_key key_of(const http::request& asked) {
    const auto key = request_key_of(asked);
    REQUIRE(key.has_value());
    REQUIRE(key->has_value());
    return **key;
}

} // namespace

TEST_CASE("a request without the header has no key", "[unit][api]") {
    CHECK(request_key_of(get("/")).value() == std::nullopt);
}

TEST_CASE("a key stands for its caller and for all of the request", "[unit][api]") {
    const auto key = key_of(post("8e03978e-40d5-43dd-bc93-6894a57f9324"));

    CHECK(key.scope == "address 10.0.0.7");
    CHECK(key.key == "8e03978e-40d5-43dd-bc93-6894a57f9324");
    // printf 'POST\0/api/v1/stanzas/main/checks\0{}' | sha256sum
    CHECK(key.digest == "86799ec168db2aec96d4d43403889360cd3cfc6ba84c6b64dfb6805fd34ff3df");
}

TEST_CASE("a key is its token's, not of whoever bears its name later", "[unit][api]") {
    auto asked = post("k");
    asked.caller = "token ci";
    asked.token_id = "aaaaaaaa";
    auto from_elsewhere = asked;
    from_elsewhere.peer = "[2001:db8::1]:4711";
    auto later = asked;
    later.token_id = "bbbbbbbb";
    auto certificate = post("k");
    certificate.caller = "certificate ci";
    auto stranger = post("k");
    stranger.peer = "10.0.0.8:4711";

    CHECK(key_of(from_elsewhere) == key_of(asked));
    CHECK(key_of(later).scope != key_of(asked).scope);
    CHECK(key_of(certificate).scope == "certificate ci");
    CHECK(key_of(stranger).scope != key_of(post("k")).scope);
}

TEST_CASE("every part of a request changes what its key stands for", "[unit][api]") {
    const auto first = key_of(post("k"));
    auto other_path = post("k");
    other_path.path += "/x";
    auto other_method = post("k");
    other_method.verb = http::method::put;
    auto with_query = post("k");
    with_query.query = {{"dry_run", "true"}};
    auto two = post("k");
    two.query = {{"a", "b"}, {"c", "d"}};
    auto joined = post("k");
    joined.query = {
        {"a", std::string(
                  "b\0"
                  "1:c\0"
                  "1:d",
                  9)}};
    auto moved = post("k", "");
    moved.path += "{}";

    CHECK(key_of(post("k")) == first);
    CHECK(key_of(post("l")).digest == first.digest);
    CHECK(key_of(post("k", "{ }")).digest != first.digest);
    CHECK(key_of(other_path).digest != first.digest);
    CHECK(key_of(other_method).digest != first.digest);
    CHECK(key_of(moved).digest != first.digest);
    CHECK(key_of(with_query).digest != first.digest);
    CHECK(key_of(two).digest != key_of(joined).digest);
}

TEST_CASE("a quoted key is the same key as a bare one", "[unit][api]") {
    CHECK(key_of(post(R"("abc")")) == key_of(post("abc")));
    CHECK(key_of(post(R"("a\"b\\c")")).key == R"(a"b\c)");
    CHECK(key_of(post("a\"b")).key == "a\"b");
}

TEST_CASE("a key is 1 to 255 visible characters", "[unit][api]") {
    CHECK(key_of(post(std::string(255, '~'))).key.size() == 255);
    const auto bad = GENERATE(
        as<std::string>(), "", std::string(256, 'k'), "two words", R"("two words")", R"("open)",
        R"("a"b)", R"("a\x")", R"("a\)", R"("")", "t\xc3\xa4", "tab\t", "del\x7f");
    CAPTURE(bad);

    const auto key = request_key_of(post(bad));

    REQUIRE_FALSE(key.has_value());
    CHECK(key.error().code == errc::invalid);
    CHECK_THAT(key.error().detail, ContainsSubstring("Idempotency-Key"));
    CHECK_FALSE(key.error().hint.empty());
}

TEST_CASE("of two keys none is taken", "[unit][api]") {
    auto asked = post("one");
    asked.headers.emplace_back("idempotency-key", "one");

    CHECK_FALSE(request_key_of(asked).has_value());
}

} // namespace restpoint::api
