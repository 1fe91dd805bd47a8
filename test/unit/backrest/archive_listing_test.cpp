#include "backrest/archive_listing.hpp"
#include "sample.hpp"
#include "support/catch.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

using namespace restpoint::backrest;
using restpoint::errc;

namespace {

const std::string sha = "85fc020d2a77ba9416e760b710a3560c35b73245";
const std::string other_sha = "12d7d07065f6a8b7a1844ee52430283548710bce";

std::string file(const std::string& key, const std::string& value) {
    return fmt::format(R"("{}":{})", key, value);
}

std::string file(const std::string& key) {
    return file(key, R"({"type":"file","size":16457,"time":1795329689})");
}

/// "0000000100000000/000000010000000000000001-SHA1.gz"
std::string key_of(const std::string& name, const std::string& behind = "-" + sha + ".gz") {
    return name.substr(0, 16) + "/" + name + behind;
}

archive_listing listed(const std::string& members) {
    return parse_archive_listing("{" + members + "}").value();
}

std::vector<std::string> names(const archive_listing& listing) {
    std::vector<std::string> all;
    for (const auto& segment : listing.segments) {
        all.push_back(to_string(segment.name));
    }
    return all;
}

using strings = std::vector<std::string>;

} // namespace

TEST_CASE("what pgBackRest lists of an archive with two timelines is read", "[backrest]") {
    for (const auto* name : {"repo-ls-16mb.json", "repo-ls-64mb.json"}) {
        CAPTURE(name);
        const auto listing = parse_archive_listing(sample(name)).value();

        REQUIRE(listing.segments.size() == 13);
        CHECK(to_string(listing.segments.front().name) == "000000010000000000000001");
        CHECK(to_string(listing.segments.back().name) == "00000002000000000000000C");
        CHECK(listing.segments.front().time > 1'795'361'000);
        REQUIRE(listing.histories.size() == 1);
        CHECK(listing.histories[0].timeline == 2);
        CHECK(listing.histories[0].size > 40);
        CHECK(listing.duplicates.empty());
        CHECK(listing.empty.empty());
    }
}

TEST_CASE("an archive that is not there lists as empty", "[backrest]") {
    CHECK(listed(R"(".":{"type":"path"})").segments.empty());
    CHECK(listed("").segments.empty());
}

TEST_CASE("the files of segments are summed up, whatever else lies there", "[backrest]") {
    const auto listing = listed(
        file(key_of("000000010000000000000001")) + "," + file(key_of("000000010000000000000002")) +
        "," + file(key_of("000000010000000000000002", "-" + other_sha)) + "," +
        file("00000002.history") + "," + file("0000000100000000/strange") +
        R"(,"0000000100000000":{"type":"path"})");

    CHECK(listing.bytes == 3 * 16457);
}

TEST_CASE("segments come sorted, whatever their order in the repo", "[backrest]") {
    const auto listing = listed(
        file(key_of("000000020000000000000003")) + "," + file(key_of("000000010000000100000000")) +
        "," + file(key_of("0000000100000000000000FF")));

    CHECK(
        names(listing) ==
        strings{
            "0000000100000000000000FF", "000000010000000100000000", "000000020000000000000003"});
}

TEST_CASE("every compression and none is a segment", "[backrest]") {
    for (const auto* ending : {"", ".gz", ".lz4", ".zst", ".bz2"}) {
        CAPTURE(ending);
        CHECK(
            listed(file(key_of("000000010000000000000001", "-" + sha + ending))).segments.size() ==
            1);
    }
}

TEST_CASE("what archive-get would not take is no segment", "[backrest]") {
    const std::string name = "000000010000000000000001";
    const strings keys{
        key_of(name, ".00000028.backup"),
        key_of(name, ".partial-" + sha + ".gz"),
        key_of(name, "-" + sha + ".gz.pgbackrest.tmp"),
        key_of(name, "-" + sha + "."),
        key_of(name, "-" + sha + "gz"),
        key_of(name, "-" + sha.substr(1)),
        key_of(name, "-" + sha.substr(1) + "X.gz"),
        key_of(name, "_" + sha + ".gz"),
        key_of(name, ""),
        name + "-" + sha + ".gz",
        "0000000100000001/" + name + "-" + sha + ".gz",
        "00000001000000000" + name + "-" + sha + ".gz",
        "x/" + key_of(name),
        "0000000100000000/00000001000000000000000g-" + sha,
        "00000002.history.gz",
        "0000000G.history",
        "00000000.history",
        "archive.info",
        "",
    };
    for (const auto& key : keys) {
        CAPTURE(key);
        const auto listing = listed(file(key));
        CHECK(listing.segments.empty());
        CHECK(listing.histories.empty());
        CHECK(listing.empty.empty());
    }
}

TEST_CASE("a folder with the name of a segment is none", "[backrest]") {
    CHECK(listed(file(key_of("000000010000000000000001"), R"({"type":"path"})")).segments.empty());
}

TEST_CASE("a segment of two files is there once, and told as a duplicate", "[backrest]") {
    const std::string name = "000000010000000000000001";
    const auto listing = listed(
        file(key_of(name, "-" + sha + ".gz"), R"({"type":"file","size":1,"time":30})") + "," +
        file(key_of(name, "-" + other_sha + ".gz"), R"({"type":"file","size":1,"time":20})") + "," +
        file(key_of(name, "-" + other_sha + ".zst"), R"({"type":"file","size":1,"time":40})") +
        "," + file(key_of("000000010000000000000002")));

    REQUIRE(listing.segments.size() == 2);
    CHECK(listing.segments[0].time == 20);
    REQUIRE(listing.duplicates.size() == 1);
    CHECK(to_string(listing.duplicates[0]) == name);
}

TEST_CASE("a segment's file without a byte is told and not there", "[backrest]") {
    const auto empty = R"({"type":"file","size":0,"time":1})";
    const auto listing = listed(
        file(key_of("000000010000000000000001", "-" + sha), empty) + "," +
        file(key_of("000000010000000000000001", "-" + other_sha), empty));

    CHECK(listing.segments.empty());
    REQUIRE(listing.empty.size() == 1);
    CHECK(to_string(listing.empty[0]) == "000000010000000000000001");
}

TEST_CASE("a file whose size is not told is there", "[backrest]") {
    CHECK(
        listed(file(key_of("000000010000000000000001"), R"({"type":"file"})")).segments.size() ==
        1);
}

TEST_CASE("fields of other kinds and fields unknown change nothing", "[backrest]") {
    const auto listing = listed(file(
        key_of("000000010000000000000001"),
        R"({"new":{"size":0,"type":"path","deep":[1,{"size":0}]},"list":[0,"path"],"size":-1,)"
        R"("time":18446744073709551615,"flag":true,"none":null,"fraction":1.5,"type":"file"})"));

    REQUIRE(listing.segments.size() == 1);
    CHECK(listing.segments[0].time == 0);
}

TEST_CASE("a size beyond 63 bits is a size", "[backrest]") {
    const auto listing =
        listed(file("00000002.history", R"({"type":"file","size":18446744073709551615,"time":1})"));

    REQUIRE(listing.histories.size() == 1);
    CHECK(listing.histories[0].size == 18446744073709551615U);
}

TEST_CASE("escaped letters in a key and in a value are read", "[backrest]") {
    const auto listing = listed(
        "\"0000000100000000\\/00000001000000000000000\\u0031-" + sha +
        "\":{\"\\u0074ype\":\"fil\\u0065\"}");

    CHECK(names(listing) == strings{"000000010000000000000001"});
}

TEST_CASE("history files come sorted", "[backrest]") {
    const auto listing = listed(file("0000000A.history") + "," + file("00000002.history"));

    REQUIRE(listing.histories.size() == 2);
    CHECK(listing.histories[0].timeline == 2);
    CHECK(listing.histories[1].timeline == 10);
}

TEST_CASE("what is no list is refused", "[backrest]") {
    struct expectation {
        std::string text;
        std::string detail;
    };
    const std::string long_key(5000, 'x');
    const expectation all[] = {
        {"", "no JSON at byte 0"},
        {"ERROR: [055]", "no JSON at byte 0"},
        {"{", "no JSON at byte 1"},
        {"{} {}", "more than one JSON document"},
        {"{}\nx", "more than one JSON document"},
        {"[]", "not an object with an object for each file"},
        {"1", "not an object with an object for each file"},
        {R"({"a":[]})", "not an object with an object for each file"},
        {R"({"a":1})", "not an object with an object for each file"},
        {"{\"" + long_key + "\":{}}", "no JSON at byte"},
        {"{/* */}", "no JSON at byte 1"},
        {"{\"\xFF\":{}}", "no JSON at byte"},
        {R"({"a":)" + std::string(100, '[') + std::string(100, ']') + "}", "no JSON at byte"},
    };
    for (const auto& [text, detail] : all) {
        CAPTURE(text);
        const auto told = parse_archive_listing(text);
        REQUIRE_FALSE(told.has_value());
        CHECK(told.error().code == errc::invalid);
        CHECK_THAT(told.error().detail, StartsWith("pgbackrest repo-ls: "));
        CHECK_THAT(told.error().detail, ContainsSubstring(detail));
        CHECK_FALSE(told.error().hint.empty());
    }
}

TEST_CASE(
    "a list that was cut off anywhere is refused and not taken for a shorter one", "[backrest]") {
    const auto whole = "{" + file(key_of("000000010000000000000001")) + "," +
                       file(key_of("000000010000000000000002")) + "}";
    for (std::size_t length = 0; length < whole.size(); ++length) {
        CAPTURE(length);
        CHECK_FALSE(parse_archive_listing(whole.substr(0, length)).has_value());
    }
}

TEST_CASE("a list with white space behind it is a list", "[backrest]") {
    CHECK(parse_archive_listing("{}\r\n\t ").has_value());
}
