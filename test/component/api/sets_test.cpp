// The API v1: what changes a backup set that is there.
#include "v1.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace restpoint;
using namespace restpoint::test;

namespace {

const std::string sets = "/api/v1/stanzas/main/backups/";
const std::string full = "20261122-064235F";
const std::string diff = "20261122-064235F_20261122-064331D";
const std::string incr = "20261122-064235F_20261122-064334I";

/// A repo with a full, a diff and an incr on that, and the arguments of each pgbackrest.
class three_sets {
  public:
    explicit three_sets(std::vector<std::string> more = {})
        : service(environment(std::move(more), arguments_)) {}
    three_sets(const three_sets&) = delete;
    three_sets& operator=(const three_sets&) = delete;
    ~three_sets() { std::filesystem::remove(arguments_); }

    /// The arguments of the one call of this command; empty when there was none.
    [[nodiscard]] std::string call_of(const std::string& command) const {
        std::ifstream calls(arguments_);
        std::string found;
        for (std::string line; std::getline(calls, line);) {
            if (line.ends_with(" " + command)) {
                CHECK(found.empty());
                found = line;
            }
        }
        return found;
    }

  private:
    static std::vector<std::string> environment(
        std::vector<std::string> more, const std::filesystem::path& arguments) {
        more.push_back(
            "FAKE_PGBACKREST_INFO=" + std::string(RESTPOINT_TEST_DATA) +
            "/backrest/info-full-diff-incr.json");
        more.push_back("FAKE_ARGV=" + arguments.native());
        return more;
    }

    std::filesystem::path arguments_ = std::filesystem::temp_directory_path() /
                                       ("restpoint-arguments-" + std::to_string(::getpid()));

  public:
    running_service service;
};

web_answer patch(three_sets& at, const std::string& label, const std::string& body) {
    return ask(at.service.port(), "PATCH", sets + label, "", body);
}

web_answer remove(three_sets& at, const std::string& target, const std::string& headers = "") {
    return ask(at.service.port(), "DELETE", sets + target, headers);
}

} // namespace

TEST_CASE("annotations of a set are changed by a job", "[component][api]") {
    three_sets at;
    const auto accepted =
        patch(at, diff, R"({"annotations":{"ticket":"--repo=7 x","old":null},"repo":1})");

    const auto job = ended(at.service, job_path(accepted));
    CHECK(job.at("kind") == "annotate");
    CHECK(job.at("state") == "succeeded");
    CHECK(job.at("set").as_string() == diff);
    CHECK(job.at("annotations").at("old").is_null());
    const auto call = at.call_of("annotate");
    CHECK_THAT(
        call, ContainsSubstring(
                  "--set=" + diff + " --annotation=old= --annotation=ticket=--repo=7 x --repo=1 "));
    CHECK(at.service.audited() == std::vector<std::string>{"started job 1"});
}

TEST_CASE("a set that is not there is neither annotated nor removed", "[component][api]") {
    three_sets at;
    const auto* const label = GENERATE("20200101-000000F", "20261122-064235F_20200101-000000I");
    CAPTURE(label);

    CHECK(patch(at, label, R"({"annotations":{"a":"b"}})").status == 404);
    CHECK(patch(at, full, R"({"annotations":{"a":"b"},"repo":2})").status == 404);
    CHECK(remove(at, label).status == 404);
    CHECK(remove(at, diff + "?repo=2").status == 404);
    CHECK(at.service.job_count() == 0);
}

TEST_CASE("what cannot be a label or a change starts nothing", "[component][api]") {
    three_sets at;

    CHECK(patch(at, "--repo=2", R"({"annotations":{"a":"b"}})").status == 400);
    CHECK(patch(at, full, R"({"annotations":{"a b":"c"}})").status == 400);
    CHECK(patch(at, full, R"({"annotations":{"a":"c"},"set":"x"})").status == 400);
    CHECK(remove(at, "latest").status == 400);
    CHECK(remove(at, diff + "?dryrun=true").status == 400);
    CHECK(ask(at.service.port(), "DELETE", sets + diff, "", R"({"dry_run":true})").status == 400);
    CHECK(ask(at.service.port(), "DELETE", "/api/v1/stanzas/other/backups/" + diff).status == 404);
    CHECK(ask(at.service.port(), "PATCH", "/api/v1/stanzas/other/backups/" + diff).status == 404);
    CHECK(at.service.job_count() == 0);
}

TEST_CASE("a set goes with all that build on it, and they are named", "[component][api]") {
    three_sets at;
    const auto accepted = remove(at, diff);

    CHECK(object(accepted).at("removes") == boost::json::array{diff, incr});
    const auto job = ended(at.service, job_path(accepted));
    CHECK(job.at("kind") == "expire");
    CHECK(job.at("set").as_string() == diff);
    CHECK(job.at("dry_run") == false);
    const auto call = at.call_of("expire");
    CHECK_THAT(call, ContainsSubstring("--set=" + diff + " expire"));
    CHECK_THAT(call, !ContainsSubstring("--dry-run"));
}

TEST_CASE("a dry run says so to pgbackrest", "[component][api]") {
    three_sets at;
    const auto accepted = remove(at, diff + "?dry_run=true");

    CHECK(ended(at.service, job_path(accepted)).at("dry_run") == true);
    CHECK_THAT(at.call_of("expire"), ContainsSubstring("--set=" + diff + " --dry-run expire"));
}

TEST_CASE("the only full backup is kept", "[component][api]") {
    three_sets at;
    const auto refused = remove(at, full);

    CHECK(refused.status == 409);
    CHECK(object(refused).at("code") == "last_full_backup");
    CHECK_THAT(refused.body, ContainsSubstring("the only full backup in repo 1"));
    CHECK(at.service.job_count() == 0);
    CHECK(at.service.audited() == std::vector<std::string>{"refused: 409 last_full_backup"});
}

TEST_CASE("a change of sets comes not beside a backup, but may wait for it", "[component][api]") {
    three_sets at({"FAKE_PGBACKREST_MODE=wait-for-file"});
    ask(at.service.port(), "POST", "/api/v1/stanzas/main/backups", "", R"({"type":"full"})");

    const auto change = patch(at, diff, R"({"annotations":{"a":"b"}})");
    const auto removal = remove(at, diff);
    const auto upgrade = ask(at.service.port(), "POST", "/api/v1/stanzas/main/upgrade");
    const auto waits = patch(at, diff, R"({"annotations":{"a":"b"},"queue":true})");
    const auto last = remove(at, diff + "?queue=true");

    for (const auto& refused : {change, removal, upgrade}) {
        CHECK(refused.status == 409);
        CHECK(object(refused).at("job") == "1");
    }
    at.service.open_gate();
    CHECK(ended(at.service, job_path(waits)).at("state") == "succeeded");
    CHECK(ended(at.service, job_path(last)).at("state") == "succeeded");
}

TEST_CASE(
    "who asks again under a key gets the job, even of a set that is gone", "[component][api]") {
    const auto where =
        std::filesystem::temp_directory_path() / ("restpoint-info-" + std::to_string(::getpid()));
    const std::string data = std::string(RESTPOINT_TEST_DATA) + "/backrest/";
    const auto copy = std::filesystem::copy_options::overwrite_existing;
    std::filesystem::copy_file(data + "info-full-diff-incr.json", where, copy);
    running_service service({"FAKE_PGBACKREST_INFO=" + where.native()});
    const std::string key = "Idempotency-Key: once\r\n";
    const auto first = ask(service.port(), "DELETE", sets + diff, key);
    CHECK(ended(service, job_path(first)).at("state") == "succeeded");
    std::filesystem::copy_file(data + "info-empty-stanza.json", where, copy);
    service.forget_info();

    CHECK(ask(service.port(), "GET", sets + diff).status == 404);
    const auto again = ask(service.port(), "DELETE", sets + diff, key);
    const auto other = ask(service.port(), "DELETE", sets + diff + "?dry_run=true", key);
    const auto fresh = ask(service.port(), "DELETE", sets + diff);

    CHECK(job_path(again) == job_path(first));
    CHECK(other.status == 422);
    CHECK(fresh.status == 404);
    CHECK(ask(service.port(), "DELETE", sets + diff, "Idempotency-Key: \r\n").status == 400);
    CHECK(service.job_count() == 1);
    std::filesystem::remove(where);
}
