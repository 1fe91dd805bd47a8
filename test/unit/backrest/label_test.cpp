#include "backrest/label.hpp"
#include "support/catch.hpp"

using namespace restpoint;
using namespace restpoint::backrest;

TEST_CASE("a label is a full backup's time, or that and one of a diff or incr", "[backrest]") {
    for (const auto* label :
         {"20261122-064235F", "20261122-064235F_20261122-064331D",
          "20261122-064235F_20261122-064331I"}) {
        CAPTURE(label);
        CHECK(is_label(label));
        CHECK(validate_label(label));
    }
}

TEST_CASE("nothing else is a label, whatever it would mean to a shell or a program", "[backrest]") {
    const auto text = GENERATE(
        as<std::string>(), "", "latest", "20261122-064235f", "20261122-064235F ",
        "20261122-064235F_", "20261122-064235F_20261122-064331F", "--repo1-path=/tmp/xxxxx",
        "20261122-064235F\n20261122-064235I", "2026112a-064235F", "../../../../etc/pass",
        "20261122-064235F_20261122-064331D_20261122-064331I");
    CAPTURE(text);

    CHECK_FALSE(is_label(text));
    const auto bad = validate_label(text);
    REQUIRE_FALSE(bad);
    CHECK(bad.error().code == errc::invalid);
    CHECK_THAT(bad.error().hint, ContainsSubstring("20261122-064235F"));
}

TEST_CASE("a text that is no label is shown in part, and without what could harm", "[backrest]") {
    const auto bad = validate_label("\x1b[2J" + std::string(1000, 'x'));

    CHECK(bad.error().detail.size() < 120);
    CHECK_THAT(bad.error().detail, !ContainsSubstring("\x1b"));
}
