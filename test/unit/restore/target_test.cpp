#include "restore/target.hpp"
#include "support/catch.hpp"

using namespace restpoint;
using namespace restpoint::restore;

namespace {

void check_refused(target_kind kind, const std::string& value, const std::string& why) {
    const auto made = make_target(kind, value);
    INFO(value);
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().code == errc::invalid);
    CHECK_THAT(made.error().detail, ContainsSubstring(why));
    CHECK_FALSE(made.error().hint.empty());
}

} // namespace

TEST_CASE("a time is one moment, whatever the zone it was written in", "[restore]") {
    const auto utc = make_target(target_kind::time, "2026-10-25T00:30:00.1234567Z").value();
    const auto summer = make_target(target_kind::time, "2026-10-25T02:30:00.123456+02:00").value();
    const auto winter = make_target(target_kind::time, "2026-10-25T02:30:00.123456+01:00").value();

    CHECK(utc == summer);
    CHECK(winter.time - summer.time == std::chrono::hours{1});
    CHECK(value_text(utc) == "2026-10-25T00:30:00.123456Z");
    CHECK(option_text(utc) == "2026-10-25 00:30:00.123456+00");
    CHECK(words(utc) == "2026-10-25T00:30:00.123456Z");
}

TEST_CASE("a time without a zone is refused with how to write one", "[restore]") {
    for (const auto* text :
         {"2026-10-25T02:30:00", "2026-10-25", "02:30", "now", "", "yesterday",
          "2026-02-30T00:00:00Z", "2026-10-25 02:30:00 Europe/Berlin"}) {
        check_refused(target_kind::time, text, "is no time with a zone");
    }
}

TEST_CASE("an lsn is a position", "[restore]") {
    const auto made = make_target(target_kind::lsn, "0/16B3748").value();
    CHECK(made.position == 0x16B3748);
    CHECK(value_text(made) == "0/16B3748");
    CHECK(words(made) == "LSN 0/16B3748");
    for (const auto* text : {"0/0", "16B3748", "0/16B3748 ", "-1/0", "", "0/123456789"}) {
        check_refused(target_kind::lsn, text, "is no position in the WAL");
    }
}

TEST_CASE("an xid is a number that a transaction can have", "[restore]") {
    const auto made = make_target(target_kind::xid, "4294967295").value();
    CHECK(made.xid == 4294967295U);
    CHECK(option_text(made) == "4294967295");
    CHECK(words(made) == "transaction 4294967295");
    CHECK(make_target(target_kind::xid, "3").has_value());
    for (const auto* text : {"2", "0", "-3", "4294967296", "12a", "", " 12", "0x10"}) {
        check_refused(target_kind::xid, text, "is no transaction id");
    }
}

TEST_CASE("a name is text that PostgreSQL can have been given", "[restore]") {
    const auto made = make_target(target_kind::name, "--before the 'upgrade'").value();
    CHECK(option_text(made) == "--before the 'upgrade'");
    CHECK(words(made) == "restore point '--before the 'upgrade''");
    CHECK(make_target(target_kind::name, std::string(63, 'x')).has_value());
    for (const auto& text :
         {std::string(), std::string(64, 'x'), std::string("a\nb"), std::string("a\0b", 3),
          std::string("\x7F"), std::string("\xFF")}) {
        check_refused(target_kind::name, text, "is no name of a restore point");
    }
}

TEST_CASE("latest and immediate take no value", "[restore]") {
    for (const auto kind : {target_kind::latest, target_kind::immediate}) {
        const auto made = make_target(kind, "").value();
        CHECK(made.kind == kind);
        CHECK(value_text(made).empty());
        check_refused(kind, "now", "takes no value");
    }
    CHECK(words({.kind = target_kind::latest}) == "the end of the WAL");
    CHECK(words({.kind = target_kind::immediate}) == "the end of the backup");
}

TEST_CASE("kinds have names", "[restore]") {
    for (const auto kind :
         {target_kind::latest, target_kind::time, target_kind::lsn, target_kind::xid,
          target_kind::name, target_kind::immediate}) {
        CHECK(parse_target_kind(to_string(kind)) == kind);
    }
    CHECK_FALSE(parse_target_kind("Latest").has_value());
}

TEST_CASE("what a message shows of a value is short and harmless", "[restore]") {
    const auto made = make_target(target_kind::lsn, "\x1b[2J" + std::string(5000, 'x'));
    CHECK(made.error().detail.size() < 200);
    CHECK(made.error().detail.find('\x1b') == std::string::npos);
}
