#include "api/kept_answers.hpp"
#include "http/conditional.hpp"
#include "support/catch.hpp"

using namespace restpoint;
using api::answer_basis;
using api::kept_answers;

namespace {

http::request asked_with(std::string tag = "") {
    http::request asked;
    if (!tag.empty()) {
        asked.headers.emplace_back("if-none-match", std::move(tag));
    }
    return asked;
}

answer_basis at_revision(std::uint64_t jobs) {
    answer_basis basis;
    basis.jobs = jobs;
    return basis;
}

} // namespace

TEST_CASE("an answer is kept for as long as it was made of the same", "[unit][api]") {
    kept_answers kept;
    CHECK(kept.find("jobs", at_revision(1), {}) == nullptr);

    const auto told = kept.keep("jobs", at_revision(1), "[1]", {});

    CHECK(told->status() == 200);
    CHECK(told->body() == "[1]");
    CHECK(kept.find("jobs", at_revision(1), {}) == told);
    CHECK(kept.find("jobs", at_revision(2), {}) == nullptr);
    CHECK(kept.find("stanza", at_revision(1), {}) == nullptr);
}

TEST_CASE("each thing that an answer is made of makes it another one", "[unit][api]") {
    kept_answers kept;
    auto basis = at_revision(1);
    basis.info = std::make_shared<int>(1);
    basis.window = std::make_shared<int>(1);
    basis.wal = postgres::wal_facts{.position = 7};
    kept.keep("stanza", basis, "{}", {});
    REQUIRE(kept.find("stanza", basis, {}) != nullptr);

    auto other = basis;
    other.info = std::make_shared<int>(1);
    CHECK(kept.find("stanza", other, {}) == nullptr);
    other = basis;
    other.window = std::make_shared<int>(1);
    CHECK(kept.find("stanza", other, {}) == nullptr);
    other = basis;
    other.wal->position = 8;
    CHECK(kept.find("stanza", other, {}) == nullptr);
    other = basis;
    other.wal.reset();
    other.silence = "it is away";
    CHECK(kept.find("stanza", other, {}) == nullptr);
}

TEST_CASE("who has a kept answer already is told so in the same words", "[unit][api]") {
    kept_answers kept;
    const auto tag = http::entity_tag("[1]");
    const auto expected = http::conditional({200, "application/json", {}, "[1]"}, asked_with(tag));

    const auto whole = kept.keep("jobs", at_revision(1), "[1]", asked_with("\"other\""));
    const auto unchanged = kept.find("jobs", at_revision(1), asked_with(tag));

    CHECK(whole->status() == 200);
    CHECK(unchanged->status() == 304);
    CHECK(unchanged->body().empty());
    CHECK(unchanged->head() == http::freeze(expected)->head());
    CHECK(kept.keep("jobs", at_revision(2), "[1]", asked_with(tag))->status() == 304);
    CHECK(kept.size() == 1);
}

TEST_CASE("what was asked for longest ago goes where there is too much", "[unit][api]") {
    kept_answers kept({.answers = 2, .bytes = 10});
    kept.keep("a", at_revision(1), "1", {});
    kept.keep("b", at_revision(1), "2", {});
    REQUIRE(kept.find("a", at_revision(1), {}) != nullptr);

    kept.keep("c", at_revision(1), "3", {});
    CHECK(kept.find("a", at_revision(1), {}) != nullptr);
    CHECK(kept.find("b", at_revision(1), {}) == nullptr);

    kept.keep("d", at_revision(1), "123456789", {});
    CHECK(kept.find("a", at_revision(1), {}) != nullptr); // ten bytes together
    CHECK(kept.find("c", at_revision(1), {}) == nullptr);

    const auto large = kept.keep("e", at_revision(1), "12345678901", {});
    CHECK(large->body().size() == 11); // given, and not kept
    CHECK(kept.size() == 0);
}
