#include "http/byte_range.hpp"
#include "support/catch.hpp"

using namespace restpoint::http;

namespace {

constexpr auto whole = byte_range::verdict::whole;
constexpr auto part = byte_range::verdict::part;
constexpr auto unsatisfiable = byte_range::verdict::unsatisfiable;

} // namespace

TEST_CASE("one range of a hundred bytes", "[http]") {
    const auto [header, wanted] = GENERATE(table<std::string, byte_range>({
        {"bytes=0-99", {part, 0, 100}},
        {"bytes=0-0", {part, 0, 1}},
        {"bytes=99-", {part, 99, 1}},
        {"bytes=10-19", {part, 10, 10}},
        {"bytes=10-1000", {part, 10, 90}},
        {"BYTES=10-", {part, 10, 90}},
        {"bytes= 1-2 ", {part, 1, 2}},
        {"bytes=-1", {part, 99, 1}},
        {"bytes=-100", {part, 0, 100}},
        {"bytes=-1000", {part, 0, 100}},
        {"bytes=5-99999999999999999999999", {part, 5, 95}},
        {"bytes=100-", {unsatisfiable}},
        {"bytes=100-200", {unsatisfiable}},
        {"bytes=99999999999999999999999-", {unsatisfiable}},
        {"bytes=-0", {unsatisfiable}},
        {"bytes=2-1", {whole}},
        {"bytes=0-1,5-6", {whole}},
        {"bytes=-", {whole}},
        {"bytes=", {whole}},
        {"bytes=a-b", {whole}},
        {"bytes=1-b", {whole}},
        {"bytes=--1", {whole}},
        {"bytes=+1-2", {whole}},
        {"lines=0-1", {whole}},
        {"bytes", {whole}},
        {"", {whole}},
    }));

    INFO(header);
    CHECK(parse_range(header, 100) == wanted);
}

TEST_CASE("without a Range header the whole is sent", "[http]") {
    CHECK(parse_range(std::nullopt, 100).answer == whole);
}

TEST_CASE("no range of nothing can be satisfied", "[http]") {
    CHECK(parse_range("bytes=0-", 0).answer == unsatisfiable);
    CHECK(parse_range("bytes=-5", 0).answer == unsatisfiable);
}

TEST_CASE("Content-Range names the part and the whole", "[http]") {
    CHECK(content_range({part, 10, 5}, 100) == "bytes 10-14/100");
    CHECK(content_range_unsatisfied(100) == "bytes */100");
}
