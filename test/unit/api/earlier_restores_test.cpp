#include "api/earlier_restores.hpp"
#include "support/catch.hpp"

using namespace restpoint;
using namespace restpoint::api;

namespace {

jobs::job restored(std::string report) {
    jobs::job one;
    one.spec.kind = jobs::job_kind::restore;
    one.state = jobs::job_state::succeeded;
    one.started = wall_time{std::chrono::seconds{1000}};
    one.finished = wall_time{std::chrono::milliseconds{1012500}};
    one.report = std::move(report);
    return one;
}

backrest::stanza_info stanza() {
    backrest::stanza_info told;
    told.backups.emplace_back();
    told.backups.back().label = "A";
    told.backups.back().size = 500;
    return told;
}

} // namespace

TEST_CASE("an earlier restore tells how long so many bytes took", "[api]") {
    const std::vector all{
        restored(R"({"set": "A", "way": "in_place", "downtime_ms": 12000})"),
        restored(R"({"set": "A", "bytes": 400, "way": "beside", "downtime_ms": null})"),
        restored(R"({"set": "gone", "bytes": -1})")};

    const auto told = earlier_restores(all, stanza());

    REQUIRE(told.size() == 3);
    CHECK(told[0].bytes == 500);
    CHECK(told[0].seconds == Approx(12.5));
    CHECK(told[0].how == restore::way::in_place);
    CHECK(told[0].downtime_seconds == Approx(12));
    CHECK(told[1].bytes == 400);
    CHECK(told[1].how == restore::way::beside);
    CHECK_FALSE(told[1].downtime_seconds.has_value());
    CHECK(told[2].bytes == 0);
}

TEST_CASE("a restore that says nothing of itself is no measure", "[api]") {
    auto failed = restored("{}");
    failed.state = jobs::job_state::failed;
    auto unfinished = restored("{}");
    unfinished.finished.reset();
    auto unstarted = restored("{}");
    unstarted.started.reset();
    CHECK(earlier_restores(
              std::vector{restored(""), restored("[]"), failed, unfinished, unstarted}, stanza())
              .empty());
}
