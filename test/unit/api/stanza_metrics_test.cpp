#include "api/stanza_metrics.hpp"
#include "findings.hpp"
#include "support/catch.hpp"

using namespace restpoint;
using namespace restpoint::api;
using namespace restpoint::api::test;

namespace {

std::string page_of(const stanza_findings& found) {
    metrics_page page;
    add_stanza_metrics(page, found);
    return page.text();
}

void check_line(const std::string& page, const std::string& line) {
    CHECK_THAT("\n" + page, ContainsSubstring("\n" + line + "\n"));
}

const std::string archive = R"({database_id="1",repo_key="1",stanza="main"})";

} // namespace

TEST_CASE("a stanza that is well has its state, no gap and its lag", "[api]") {
    const auto page = page_of(circumstances().found());

    check_line(page, R"(restpoint_stanza_state{stanza="main",state="ok"} 1)");
    check_line(page, R"(restpoint_stanza_state{stanza="main",state="degraded"} 0)");
    check_line(page, "restpoint_archive_listed" + archive + " 1");
    check_line(page, "restpoint_wal_gaps" + archive + " 0");
    check_line(page, "restpoint_wal_missing_segments" + archive + " 0");
    check_line(page, R"(restpoint_archive_lag_bytes{stanza="main"} 80)");
}

TEST_CASE("gaps are counted once, with what they lack", "[api]") {
    circumstances of;
    of.timeline().gaps = {{{1, 0, 5}, {1, 0, 6}, 2, {}, {}}};
    of.archive().window.timelines.push_back(of.timeline());
    const auto page = page_of(of.found());

    check_line(page, R"(restpoint_stanza_state{stanza="main",state="degraded"} 1)");
    check_line(page, "restpoint_wal_gaps" + archive + " 1");
    check_line(page, "restpoint_wal_missing_segments" + archive + " 2");
}

TEST_CASE("an archive that could not be listed has no count of gaps", "[api]") {
    circumstances of;
    of.archive().error = failure{errc::unavailable, "broken"};
    of.archive().window = {};
    const auto page = page_of(of.found());

    check_line(page, "restpoint_archive_listed" + archive + " 0");
    CHECK_THAT(page, !ContainsSubstring("restpoint_wal_gaps"));
    CHECK_THAT(page, !ContainsSubstring("restpoint_archive_lag_bytes"));
}

TEST_CASE("archives of earlier clusters are not told", "[api]") {
    circumstances of;
    of.archive().of.current = false;

    CHECK_THAT(page_of(of.found()), !ContainsSubstring("restpoint_archive_listed"));
}

TEST_CASE("without any look there is a state, and it is unknown", "[api]") {
    const auto page = page_of(stanza_findings{.name = "main"});

    check_line(page, R"(restpoint_stanza_state{stanza="main",state="unknown"} 1)");
    CHECK_THAT(page, !ContainsSubstring("restpoint_wal"));
}

TEST_CASE("the lag goes on growing while the archive cannot be listed", "[api]") {
    circumstances of;
    const auto lag = "restpoint_repo_archive_lag_bytes" + archive;
    check_line(page_of(of.found()), lag + " 80");

    of.archive().earlier =
        std::make_shared<const backrest::archive_window>(std::exchange(of.archive().window, {}));
    of.archive().error = failure{errc::unavailable, "broken"};
    of.rest.postgres->position += 1000;
    const auto page = page_of(of.found());

    check_line(page, "restpoint_archive_listed" + archive + " 0");
    check_line(page, lag + " 1080");
    check_line(page, R"(restpoint_archive_lag_bytes{stanza="main"} 1080)");
    CHECK_THAT(page, !ContainsSubstring("restpoint_wal_gaps"));
}

TEST_CASE("a repo without the live timeline, and a standby, have no lag", "[api]") {
    circumstances of;
    of.rest.postgres->timeline = 2;
    CHECK_THAT(page_of(of.found()), !ContainsSubstring("restpoint_repo_archive_lag_bytes"));

    of.rest.postgres->timeline = 1;
    of.rest.postgres->in_recovery = true;
    CHECK_THAT(page_of(of.found()), !ContainsSubstring("restpoint_repo_archive_lag_bytes"));
}
