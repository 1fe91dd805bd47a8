#include "backrest/wal_name.hpp"
#include "support/catch.hpp"

#include <limits>

using namespace restpoint::backrest;

namespace {

constexpr std::uint64_t mb = 1ULL << 20U;

wal_layout of_mb(std::uint64_t size) {
    return wal_layout::of(size * mb).value();
}

} // namespace

TEST_CASE("a segment's name is timeline, log and segment", "[backrest]") {
    const auto name = parse_segment_name("0000000A00000002000000FF");

    REQUIRE(name.has_value());
    CHECK(name->timeline == 10);
    CHECK(name->log == 2);
    CHECK(name->segment == 255);
    CHECK(to_string(*name) == "0000000A00000002000000FF");
}

TEST_CASE("what PostgreSQL would not write is no segment's name", "[backrest]") {
    const std::string_view wrong[] = {
        "",
        "0000000100000000000000A",   // 23
        "0000000100000000000000AAA", // 25
        "0000000100000000000000aa",  // lower case
        "00000001000000000000 0AA",  // a blank
        "00000001+000000000000AAA",  // a sign
        "0000000000000000000000AA",  // there is no timeline 0
        "00000001000000000x000001",  // the third part
        "0000000100x0000000000001",  // the second part
        std::string_view{
            "00000001\0"
            "000000000000001",
            24},
    };
    for (const auto text : wrong) {
        CAPTURE(text);
        CHECK_FALSE(parse_segment_name(text).has_value());
    }
}

TEST_CASE("a timeline is eight digits and not 0", "[backrest]") {
    CHECK(parse_timeline("0000001F") == 31U);
    CHECK(parse_timeline("FFFFFFFF") == 0xFFFFFFFFU);
    CHECK_FALSE(parse_timeline("00000000").has_value());
    CHECK_FALSE(parse_timeline("1").has_value());
}

TEST_CASE("a position is two hexadecimal halves", "[backrest]") {
    CHECK(parse_lsn("0/16B3748") == 0x16B3748U);
    CHECK(parse_lsn("2A/0") == 0x2A00000000U);
    CHECK(parse_lsn("FFFFFFFF/ffffffff") == std::numeric_limits<lsn>::max());
    for (const auto* text :
         {"", "/", "1/", "/1", "1", "1/2/3", "123456789/0", "0/123456789", "0x1/2", "-1/2", "1/+2",
          " 1/2"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_lsn(text).has_value());
    }
}

TEST_CASE("a position is written as PostgreSQL writes it", "[backrest]") {
    CHECK(lsn_text(0) == "0/0");
    CHECK(lsn_text(0x2A0000B028) == "2A/B028");
}

TEST_CASE("a segment is a power of two from 1 MB to 1 GB", "[backrest]") {
    for (std::uint64_t size = 1; size <= 1024; size *= 2) {
        CHECK(of_mb(size).segment_bytes() == size * mb);
    }
    for (const auto bytes : {std::uint64_t{0}, mb / 2, mb + 1, 3 * mb, 2048 * mb}) {
        CAPTURE(bytes);
        CHECK_FALSE(wal_layout::of(bytes).has_value());
    }
}

TEST_CASE("a log has 4 GiB, whatever a segment has", "[backrest]") {
    CHECK(of_mb(1).segments_per_log() == 4096);
    CHECK(wal_layout{}.segments_per_log() == 256);
    CHECK(of_mb(64).segments_per_log() == 64);
    CHECK(of_mb(1024).segments_per_log() == 4);
}

TEST_CASE("behind the last segment of a log comes the first of the next", "[backrest]") {
    struct expectation {
        std::uint64_t size;
        const char* last;
    };
    const expectation all[] = {
        {1, "000000030000000100000FFF"},
        {16, "0000000300000001000000FF"},
        {64, "00000003000000010000003F"},
        {1024, "000000030000000100000003"}};
    for (const auto& [size, last] : all) {
        CAPTURE(size);
        const auto layout = of_mb(size);
        const auto number = layout.number(parse_segment_name(last).value());

        REQUIRE(number.has_value());
        CHECK(to_string(layout.name(3, *number)) == last);
        CHECK(to_string(layout.name(3, *number + 1)) == "000000030000000200000000");
        CHECK(layout.end_of(*number) == 2ULL << 32U);
        CHECK(layout.number_at(layout.end_of(*number)) == *number + 1);
        CHECK(layout.number_at(layout.end_of(*number) - 1) == *number);
    }
}

TEST_CASE("a segment that no log of this size has is no number", "[backrest]") {
    CHECK_FALSE(of_mb(64).number({1, 0, 64}).has_value());
    CHECK_FALSE(of_mb(16).number({1, 0, 256}).has_value());
    CHECK(of_mb(16).number({1, 0, 255}) == 255U);
}

TEST_CASE("the last segment there can be ends at the last position", "[backrest]") {
    for (const std::uint64_t size : {1U, 16U, 1024U}) {
        const auto layout = of_mb(size);
        const auto last = layout.number(
            {1, 0xFFFFFFFF, static_cast<std::uint32_t>(layout.segments_per_log() - 1)});

        CHECK(layout.end_of(last.value()) == std::numeric_limits<lsn>::max());
        CHECK(layout.end_of(*last - 1) == *last * size * mb);
    }
}
