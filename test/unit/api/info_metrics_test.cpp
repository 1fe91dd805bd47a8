#include "api/info_metrics.hpp"
#include "requests.hpp"
#include "support/catch.hpp"

namespace restpoint::api {
namespace {

constexpr std::int64_t hour = 3600;

backrest::backup_info set(std::string type, std::int64_t stop) {
    backrest::backup_info made;
    made.type = std::move(type);
    made.start = stop - 60;
    made.stop = stop;
    made.size = 1000;
    made.delta = 100;
    made.repo_size = 500;
    made.repo_delta = 50;
    made.repo = 1;
    return made;
}

std::int64_t seconds(wall_time t) {
    return std::chrono::duration_cast<std::chrono::seconds>(t.time_since_epoch()).count();
}

backrest::stanza_info stanza_with(std::vector<backrest::backup_info> sets) {
    backrest::stanza_info made;
    made.name = "main";
    made.status = {backrest::info_state::ok, 0, "ok"};
    made.repos = {{1, "none", {backrest::info_state::ok, 0, "ok"}}};
    made.databases = {{1, 1, 7, "15"}};
    made.archives = {{"15-1", 1, 1, "000000010000000000000001", "000000010000000000000002"}};
    made.backups = std::move(sets);
    return made;
}

jobs::info_answer answer_of(backrest::stanza_info stanza) {
    jobs::info_answer said;
    said.stanzas = {std::move(stanza)};
    said.taken = morning();
    return said;
}

std::string page_of(const jobs::info_answer* said, const std::vector<jobs::job>& unfinished = {}) {
    metrics_page page;
    add_info_metrics(page, said, "main", unfinished, morning());
    return page.text();
}

std::string page_of(backrest::stanza_info stanza, const std::vector<jobs::job>& unfinished = {}) {
    const auto said = answer_of(std::move(stanza));
    return page_of(&said, unfinished);
}

} // namespace

TEST_CASE("the figures have pgbackrest_exporter's names and labels", "[unit][api]") {
    const auto text = page_of(stanza_with({set("full", seconds(morning()) - hour)}));
    const std::string last = R"({backup_type="full",block_incr="n",stanza="main"} )";

    for (
        const auto& line : std::vector<std::string>{
            R"(pgbackrest_exporter_status{stanza="main"} 1)",
            R"(pgbackrest_stanza_status{stanza="main"} 0)",
            R"(pgbackrest_stanza_backup_lock_status{stanza="main"} 0)",
            R"(pgbackrest_stanza_backup_total_bytes{stanza="main"} 0)",
            R"(pgbackrest_stanza_backup_complete_bytes{stanza="main"} 0)",
            R"(pgbackrest_repo_status{cipher="none",repo_key="1",stanza="main"} 0)",
            R"(pgbackrest_wal_archive_status{database_id="1",pg_version="15",repo_key="1",stanza="main"} 1)",
            "pgbackrest_backup_since_last_completion_seconds" + last + "3600",
            "pgbackrest_backup_last_duration_seconds" + last + "60",
            "pgbackrest_backup_last_error_status" + last + "0",
            "pgbackrest_backup_last_annotations" + last + "0",
            "pgbackrest_backup_last_size_bytes" + last + "1000",
            "pgbackrest_backup_last_delta_bytes" + last + "100",
            "pgbackrest_backup_last_repo_size_bytes" + last + "500",
            "pgbackrest_backup_last_repo_delta_bytes" + last + "50",
            R"(restpoint_backups{backup_type="full",repo_key="1",stanza="main"} 1)",
            R"(restpoint_backups{backup_type="diff",repo_key="1",stanza="main"} 0)",
            "restpoint_backup_last_completion_timestamp_seconds{backup_type=\"full\",stanza="
            "\"main\"} " +
                std::to_string(seconds(morning()) - hour),
            "restpoint_info_timestamp_seconds " + std::to_string(seconds(morning()))}) {
        CHECK_THAT(text, ContainsSubstring("\n" + line + "\n"));
    }
}

TEST_CASE("the last diff may be a full, and the last incr any", "[unit][api]") {
    const auto now = seconds(morning());
    const auto text = page_of(stanza_with(
        {set("full", now - 9 * hour), set("diff", now - 5 * hour), set("incr", now - 3 * hour),
         set("full", now - 20 * hour)}));
    const auto age = [](const char* type, const char* seconds) {
        return "pgbackrest_backup_since_last_completion_seconds{backup_type=\"" +
               std::string(type) + "\",block_incr=\"n\",stanza=\"main\"} " + seconds + "\n";
    };

    CHECK_THAT(text, ContainsSubstring(age("full", "32400")));
    CHECK_THAT(text, ContainsSubstring(age("diff", "18000")));
    CHECK_THAT(text, ContainsSubstring(age("incr", "10800")));
}

TEST_CASE("a set of the future is no time ago, and block increments are named", "[unit][api]") {
    auto future = set("full", seconds(morning()) + hour);
    future.repo_size.reset();
    future.page_error = true;
    const auto text = page_of(stanza_with({future}));
    const std::string last = R"({backup_type="full",block_incr="y",stanza="main"} )";

    CHECK_THAT(text, ContainsSubstring("since_last_completion_seconds" + last + "0\n"));
    CHECK_THAT(text, ContainsSubstring("last_error_status" + last + "1\n"));
    CHECK_THAT(text, ContainsSubstring("last_repo_size_bytes" + last + "0\n"));
}

TEST_CASE("how far a backup is comes from pgBackRest, or else from our job", "[unit][api]") {
    auto busy = stanza_with({});
    busy.lock_held = true;
    auto ours = running_backup();
    ours.progress.bytes_total = 900;
    ours.progress.bytes_done = 300;
    auto waits = running_backup();
    waits.state = jobs::job_state::queued;

    const auto from_job = page_of(busy, {waits, ours});
    CHECK_THAT(from_job, ContainsSubstring(R"(backup_lock_status{stanza="main"} 1)"));
    CHECK_THAT(from_job, ContainsSubstring(R"(backup_total_bytes{stanza="main"} 900)"));
    CHECK_THAT(from_job, ContainsSubstring(R"(backup_complete_bytes{stanza="main"} 300)"));

    busy.running_size = 1000;
    busy.running_completed = 400;
    const auto from_info = page_of(busy, {ours});
    CHECK_THAT(from_info, ContainsSubstring(R"(backup_total_bytes{stanza="main"} 1000)"));
    CHECK_THAT(from_info, ContainsSubstring(R"(backup_complete_bytes{stanza="main"} 400)"));
}

TEST_CASE("no answer and an old one are told from a good one", "[unit][api]") {
    CHECK_THAT(
        page_of(nullptr), ContainsSubstring(R"(pgbackrest_exporter_status{stanza="main"} 0)"));
    CHECK_THAT(page_of(nullptr), !ContainsSubstring("pgbackrest_stanza_status"));

    auto old = answer_of(stanza_with({}));
    old.stale = true;
    CHECK_THAT(page_of(&old), ContainsSubstring(R"(pgbackrest_exporter_status{stanza="main"} 0)"));
    CHECK_THAT(page_of(&old), ContainsSubstring("pgbackrest_stanza_status"));
}

TEST_CASE(
    "stanzas that are not ours make no series, archives without WAL are none", "[unit][api]") {
    auto other = stanza_with({});
    other.name = "other";
    CHECK_THAT(page_of(other), !ContainsSubstring("\"other\""));

    auto empty = stanza_with({});
    empty.archives = {{"15-2", 2, 1, std::nullopt, std::nullopt}};
    CHECK_THAT(
        page_of(empty),
        ContainsSubstring(
            R"(pgbackrest_wal_archive_status{database_id="2",pg_version="",repo_key="1",stanza="main"} 0)"));
}

TEST_CASE("the number of series does not grow with the backups", "[unit][api]") {
    std::vector<backrest::backup_info> sets;
    for (int i = 0; i < 200; ++i) {
        sets.push_back(set(i % 7 == 0 ? "full" : "incr", seconds(morning()) - i * hour));
        sets.back().label = "label" + std::to_string(i);
    }
    const auto lines = [](const std::string& text) {
        return std::count(text.begin(), text.end(), '\n');
    };

    CHECK(lines(page_of(stanza_with(sets))) == lines(page_of(stanza_with({sets.front()}))));
}

TEST_CASE("the version is a number that grows", "[unit][api]") {
    const auto shown = [](std::optional<backrest::program_version> version) {
        metrics_page page;
        add_version_metric(page, version);
        return page.text();
    };

    CHECK_THAT(
        shown(backrest::program_version{2, 59, 1}),
        ContainsSubstring("\npgbackrest_version_info 2059001\n"));
    CHECK_THAT(shown(std::nullopt), ContainsSubstring("\npgbackrest_version_info 0\n"));
}

TEST_CASE("a repo that cannot be read has a status and no count of sets", "[api]") {
    auto stanza = stanza_with({});
    stanza.repos.push_back({2, "none", {backrest::info_state::other, 99, "refused"}});
    const auto said = answer_of(stanza);
    const auto page = page_of(&said);

    CHECK_THAT(
        page, ContainsSubstring(
                  R"(pgbackrest_repo_status{cipher="none",repo_key="2",stanza="main"} 99)"));
    CHECK_THAT(page, ContainsSubstring(R"(restpoint_backups{backup_type="full",repo_key="1")"));
    CHECK_THAT(page, !ContainsSubstring(R"(restpoint_backups{backup_type="full",repo_key="2")"));
}

} // namespace restpoint::api
