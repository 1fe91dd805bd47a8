#include "backrest/segment_size.hpp"
#include "sample.hpp"
#include "support/catch.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

using namespace restpoint::backrest;

namespace {

using source = segment_size::source;
constexpr std::uint64_t mb = 1ULL << 20U;

backup_info backup(std::optional<std::string> wal_start, std::optional<std::string> lsn_start) {
    backup_info one;
    one.wal_start = std::move(wal_start);
    one.lsn_start = std::move(lsn_start);
    return one;
}

archive_listing with_segment(std::uint32_t segment) {
    archive_listing listing;
    listing.segments.push_back({{1, 0, segment}, 0});
    return listing;
}

void check(const segment_size& learned, std::uint64_t size_mb, source from) {
    CHECK(learned.layout.segment_bytes() == size_mb * mb);
    CHECK(learned.from == from);
}

} // namespace

TEST_CASE("the backups of real clusters say how large a segment is", "[backrest]") {
    for (const auto& [name, size] : {std::pair{"16mb", 16U}, {"64mb", 64U}}) {
        CAPTURE(name);
        const auto listing =
            parse_archive_listing(sample(fmt::format("repo-ls-{}.json", name))).value();
        const auto info = parse_info(sample(fmt::format("info-timelines-{}.json", name))).value();

        // Also where the running server has another size, as after an upgrade.
        check(learn_segment_size(listing, info.at(0).backups, 1024 * mb), size, source::backups);
    }
}

TEST_CASE("a backup beyond the first segment of a log fits one size only", "[backrest]") {
    for (std::uint64_t size = 1; size <= 1024; size *= 2) {
        CAPTURE(size);
        const auto layout = wal_layout::of(size * mb).value();
        for (const std::uint64_t number :
             {layout.segments_per_log() + 1, 3 * layout.segments_per_log() - 1}) {
            const auto name = to_string(layout.name(1, number));
            const auto position = lsn_text(layout.end_of(number) - 100);
            const std::vector<backup_info> backups{backup(name, position)};

            check(learn_segment_size({}, backups, {}), size, source::backups);
        }
    }
}

TEST_CASE(
    "a backup in the first segment of a log only says how large one is at least", "[backrest]") {
    const std::vector<backup_info> backups{backup("000000010000000100000000", "1/2000028")};

    check(learn_segment_size({}, backups, 256 * mb), 256, source::postgresql);
    check(learn_segment_size({}, backups, 16 * mb), 64, source::assumed);
    check(learn_segment_size({}, backups, {}), 64, source::assumed);
}

TEST_CASE("several backups that allow several sizes allow what all of them do", "[backrest]") {
    const std::vector<backup_info> backups{
        backup("000000010000000100000000", "1/2000028"), backup("000000010000000300000000", "3/28"),
        backup("000000010000000200000000", "2/20000028")};

    check(learn_segment_size({}, backups, {}), 1024, source::backups);
}

TEST_CASE("a backup that contradicts all others says nothing", "[backrest]") {
    const std::vector<backup_info> backups{
        backup("000000010000000000000002", "0/8000028"),
        backup("000000010000000700000002", "0/8000028"),
        backup({}, "0/8000028"),
        backup("000000010000000000000002", {}),
        backup("x", "0/8000028"),
        backup("000000010000000000000002", "x")};

    check(learn_segment_size({}, backups, {}), 64, source::backups);
}

TEST_CASE("without backups the server's size counts, where the names allow it", "[backrest]") {
    check(learn_segment_size(with_segment(3), {}, 1024 * mb), 1024, source::postgresql);
    check(learn_segment_size(with_segment(4), {}, 1024 * mb), 16, source::assumed);
    check(learn_segment_size({}, {}, 1 * mb), 1, source::postgresql);
    check(learn_segment_size({}, {}, 3 * mb), 16, source::assumed);
}

TEST_CASE("without backups and server the default counts, or what the names allow", "[backrest]") {
    check(learn_segment_size({}, {}, {}), 16, source::assumed);
    check(learn_segment_size(with_segment(0xFF), {}, {}), 16, source::assumed);
    check(learn_segment_size(with_segment(0x100), {}, {}), 8, source::assumed);
    check(learn_segment_size(with_segment(0xFFF), {}, {}), 1, source::assumed);
}

TEST_CASE("names that no size allows leave what the backups allow", "[backrest]") {
    check(learn_segment_size(with_segment(0x1000), {}, {}), 1, source::assumed);
    const std::vector<backup_info> backups{backup("000000010000000100000000", "1/2000028")};
    check(learn_segment_size(with_segment(0x1000), backups, {}), 64, source::assumed);
}

TEST_CASE("where a size comes from has a name", "[backrest]") {
    CHECK(to_string(source::backups) == "backups");
    CHECK(to_string(source::postgresql) == "postgresql");
    CHECK(to_string(source::assumed) == "assumed");
}
