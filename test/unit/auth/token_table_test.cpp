#include "auth/secrets.hpp"
#include "auth/token.hpp"
#include "auth/token_table.hpp"
#include "support/catch.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace restpoint::auth {
namespace {

using namespace std::chrono_literals;

wall_time morning() {
    return *parse_rfc3339("2026-11-22T08:00:00Z");
}

/// The nth of tokens that all differ.
std::string token(unsigned n) {
    token_bits bits;
    bits.id[4] = static_cast<unsigned char>(n);
    bits.id[3] = static_cast<unsigned char>(n >> 8U);
    return make_token(bits);
}

token_record record(unsigned n, role what = role::viewer) {
    token_record made;
    made.id = *id_of(token(n));
    made.name = "t" + std::to_string(n);
    made.role = what;
    made.created = morning();
    made.expires = morning() + 1h;
    made.hash = sha256_hex(token(n));
    return made;
}

std::string line(unsigned n) {
    token_table one;
    one.add(record(n)).value();
    const auto text = one.render();
    return text.substr(text.rfind('\n', text.size() - 2) + 1);
}

std::string refusal(const std::string& text) {
    const auto parsed = token_table::parse(text, "FILE");
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == errc::invalid);
    CHECK_FALSE(parsed.error().hint.empty());
    return parsed.error().detail;
}

/// line(1) with its nth word replaced.
std::string with_word(std::size_t nth, const std::string& word) {
    auto rest = line(1);
    std::string made;
    for (std::size_t i = 0; i < 6; ++i) {
        const auto end = rest.find_first_of(" \n");
        made += (i == nth ? word : rest.substr(0, end)) + " ";
        rest.erase(0, end + 1);
    }
    return made + "\n";
}

} // namespace

TEST_CASE("a line whose hash was struck out is no token any more", "[unit][auth]") {
    const auto struck = with_word(5, std::string(revoked_hash));
    auto table = token_table::parse(struck + line(2), "FILE").value();

    REQUIRE(table.records().size() == 1);
    CHECK(table.with_id(record(1).id) == nullptr);
    CHECK(table.add(record(1)));
}

TEST_CASE("a table comes back from its text", "[unit][auth]") {
    token_table table;
    table.add(record(1, role::admin)).value();
    auto lasting = record(2, role::operate);
    lasting.expires.reset();
    table.add(lasting).value();

    const auto again = token_table::parse(table.render(), "FILE");

    REQUIRE(again);
    CHECK(again->records() == table.records());
    CHECK_THAT(table.render(), StartsWith("#") && !ContainsSubstring(token(1)));
}

TEST_CASE("comments, empty lines and blanks between words are no tokens", "[unit][auth]") {
    const auto spaced = "  " + with_word(1, "a  ");

    CHECK(token_table::parse("", "F")->records().empty());
    CHECK(token_table::parse("# x\n\n   \n" + spaced + "#", "F")->records().size() == 1);
}

TEST_CASE("one line that is not understood refuses the file, with its number", "[unit][auth]") {
    CHECK(
        refusal("# tokens\n" + line(1) + "ci admin\n") ==
        "FILE:3: a token is six words (ID NAME ROLE CREATED EXPIRES SHA256), and here are 2");
    CHECK_THAT(refusal(with_word(0, "AAAA")), StartsWith("FILE:1: the first word is no id"));
    CHECK_THAT(refusal(with_word(1, "-x")), ContainsSubstring("'-x' is no name"));
    CHECK_THAT(
        refusal(with_word(2, "root")),
        ContainsSubstring("the role 'root' is none of viewer, operator, admin"));
    CHECK_THAT(refusal(with_word(3, "today")), ContainsSubstring("'today' is no time"));
    CHECK_THAT(refusal(with_word(4, "soon")), ContainsSubstring("'soon' is neither a time"));
    CHECK_THAT(refusal(with_word(5, "1234")), ContainsSubstring("no SHA-256"));
    CHECK_THAT(refusal(with_word(5, std::string(64, 'G'))), ContainsSubstring("no SHA-256"));
    CHECK_THAT(refusal(line(1) + line(1)), StartsWith("FILE:2: there is a token 't1' already"));
    CHECK_THAT(refusal(line(1) + with_word(1, "other")), ContainsSubstring("is there twice"));
}

TEST_CASE("a token that was pasted into the file is not repeated", "[unit][auth]") {
    CHECK(refusal(with_word(5, token(1))).find(token(1)) == std::string::npos);
    CHECK(refusal(with_word(0, token(1))).find(token(1)) == std::string::npos);
    CHECK(refusal(token(1)).find(token(1)) == std::string::npos);
}

TEST_CASE("what a terminal would obey is not repeated either", "[unit][auth]") {
    CHECK(refusal(with_word(2, "\x1b[2J")).find('\x1b') == std::string::npos);
}

TEST_CASE("names are letters, digits and a few signs", "[unit][auth]") {
    for (const auto* good : {"ci", "a", "9", "ci.nightly_2-x", "CI"}) {
        CHECK(is_token_name(good));
    }
    CHECK(is_token_name(std::string(64, 'a')));
    CHECK_FALSE(is_token_name(std::string(65, 'a')));
    for (const auto* bad : {"", "-a", ".a", "_a", "a b", "a\n", "ü", "a/b"}) {
        CAPTURE(bad);
        CHECK_FALSE(is_token_name(bad));
    }
}

TEST_CASE("a name and an id are there once", "[unit][auth]") {
    token_table table;
    table.add(record(1)).value();
    auto same_id = record(1);
    same_id.name = "other";

    CHECK(table.add(record(1)).error().code == errc::conflict);
    CHECK(table.add(same_id).error().code == errc::conflict);
    CHECK(table.records().size() == 1);
}

TEST_CASE("a table that is full takes no more", "[unit][auth]") {
    token_table table;
    for (unsigned n = 0; n < 1000; ++n) {
        table.add(record(n)).value();
    }

    CHECK_THAT(table.add(record(1000)).error().hint, ContainsSubstring("revoke"));
}

TEST_CASE("a token is found by its whole text only", "[unit][auth]") {
    token_table table;
    table.add(record(1)).value();
    table.add(record(2)).value();
    auto wrong = token(2);
    wrong.back() = wrong.back() == 'a' ? 'b' : 'a';

    REQUIRE(table.find(token(2)) != nullptr);
    CHECK(table.find(token(2))->name == "t2");
    CHECK(table.find(wrong) == nullptr);
    CHECK(table.find(token(3)) == nullptr);
    CHECK(table.find("") == nullptr);
    CHECK(table.find(record(2).hash) == nullptr);
    CHECK(table.with_id(record(1).id)->name == "t1");
}

TEST_CASE("a removed token is found no more", "[unit][auth]") {
    token_table table;
    table.add(record(1)).value();
    table.remove("t1").value();

    CHECK(table.find(token(1)) == nullptr);
    CHECK(table.remove("t1").error().code == errc::not_found);
}

TEST_CASE("a token expires at its time", "[unit][auth]") {
    token_table table;
    table.add(record(1)).value();
    const auto& one = table.records().front();

    CHECK_FALSE(one.is_expired(morning() + 1h - 1ms));
    CHECK(one.is_expired(morning() + 1h));
    CHECK(table.has_good_one(morning()));
    CHECK_FALSE(table.has_good_one(morning() + 1h));

    auto lasting = record(2);
    lasting.expires.reset();
    table.add(lasting).value();
    CHECK(table.has_good_one(morning() + 100000h));
}

} // namespace restpoint::auth
