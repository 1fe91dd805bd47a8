#include "client/progress_text.hpp"
#include "support/catch.hpp"

using namespace restpoint::client;

namespace {

progress copying(double percent) {
    return {"copy", 500000000, 1000000000, percent, 50000000, 10};
}

} // namespace

TEST_CASE("a bar shows how far, how much, how fast and how long", "[unit][client]") {
    CHECK(
        progress_bar(copying(50), 79) ==
        "copy  [==========           ]  50.0 %  500.0 MB of 1.0 GB  50.0 MB/s  10 s left");
}

TEST_CASE("a bar fills the width it has, and no more than looks well", "[unit][client]") {
    const auto columns = GENERATE(range(std::size_t{1}, std::size_t{200}));

    CHECK(progress_bar(copying(50), columns).size() <= columns);
    CHECK(progress_bar(copying(50), 200).size() == progress_bar(copying(50), 150).size());
}

TEST_CASE("a long time left is told in minutes", "[unit][client]") {
    CHECK(progress_bar({"", {}, {}, {}, {}, 200}, 80) == "3 min 20 s left");
}

TEST_CASE("a bar goes before words do", "[unit][client]") {
    CHECK(
        progress_bar(copying(50), 60) == "copy  50.0 %  500.0 MB of 1.0 GB  50.0 MB/s  10 s left");
    CHECK(progress_bar(copying(50), 12) == "copy  50.0 %");
}

TEST_CASE("a bar is empty at the start and full at the end", "[unit][client]") {
    CHECK(progress_bar({"", {}, {}, 0.0, {}, {}}, 30) == "[                     ]  0.0 %");
    CHECK(progress_bar({"", {}, {}, 100.0, {}, {}}, 30) == "[===================]  100.0 %");
    CHECK(progress_bar({"", {}, {}, 250.0, {}, {}}, 30) == "[===================]  100.0 %");
}

TEST_CASE("without a percentage there is no bar", "[unit][client]") {
    CHECK(progress_bar({"start", {}, {}, {}, {}, {}}, 80) == "start");
    CHECK(progress_bar({"copy", 1500, {}, {}, {}, {}}, 80) == "copy  1.5 kB");
}

TEST_CASE("where lines stay each tenth and each phase has one", "[unit][client]") {
    progress_lines lines;

    CHECK(lines.look({"start", {}, {}, {}, {}, {}}) == "start\n");
    CHECK(!lines.look({"start", {}, {}, {}, {}, {}}));
    CHECK(lines.look(copying(0)).has_value());
    CHECK(!lines.look(copying(9.9)));
    CHECK(lines.look(copying(25)) == "copy: 25.0 %  500.0 MB of 1.0 GB  50.0 MB/s  10 s left\n");
    CHECK(!lines.look(copying(29)));
    CHECK(!lines.look(copying(12)));
    CHECK(lines.look(copying(30)).has_value());
    CHECK(!lines.look({"", {}, {}, {}, {}, {}}));
    CHECK(lines.look({"", {}, {}, 40.0, {}, {}}) == "40.0 %\n");
}
