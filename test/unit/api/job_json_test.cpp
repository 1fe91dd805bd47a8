#include "api/job_json.hpp"
#include "requests.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>

#include <set>

namespace json = boost::json;

namespace restpoint::api {
namespace {

json::object parsed(const jobs::job& what, wall_time now = morning()) {
    return json::parse(job_json(what, now)).as_object();
}

} // namespace

TEST_CASE("a job has every member on the wire, absent ones as null", "[unit][api]") {
    const auto o = parsed(running_backup());

    std::set<std::string> names;
    for (const auto& member : o) {
        names.emplace(member.key());
    }
    CHECK(
        names == std::set<std::string>{
                     "id", "kind", "stanza", "type", "annotations", "repo", "set", "dry_run",
                     "state", "requested_by", "created", "started", "finished", "cancel_requested",
                     "exit_code", "error", "progress", "result", "log"});
    CHECK(o.at("id") == "12");
    CHECK(o.at("kind") == "backup");
    CHECK(o.at("type") == "full");
    CHECK(o.at("annotations") == json::object{});
    CHECK(o.at("created") == "2026-11-22T08:00:00.000Z");
    for (const auto* absent : {"finished", "exit_code", "error", "result", "repo"}) {
        INFO(absent);
        CHECK(o.at(absent).is_null());
    }
}

TEST_CASE("the kinds are pgBackRest's own words", "[unit][api]") {
    using enum jobs::job_kind;
    const auto [kind, word] = GENERATE(table<jobs::job_kind, std::string>(
        {{backup, "backup"},
         {stanza_create, "stanza-create"},
         {check, "check"},
         {verify, "verify"},
         {expire, "expire"},
         {stanza_upgrade, "stanza-upgrade"},
         {annotate, "annotate"}}));
    auto job = running_backup();
    job.spec.kind = kind;

    CHECK(parsed(job).at("kind").as_string() == word);
}

TEST_CASE("only a backup has annotations, as it has a type", "[unit][api]") {
    auto check = running_backup();
    check.spec = {jobs::job_kind::check, "main"};
    auto backup = running_backup();
    backup.spec.annotations = {{"reason", "upgrade"}};

    CHECK(parsed(check).at("annotations").is_null());
    CHECK(parsed(check).at("type").is_null());
    CHECK(parsed(backup).at("annotations") == json::object{{"reason", "upgrade"}});
}

TEST_CASE("what annotates names its set, and null for what it takes away", "[unit][api]") {
    auto change = running_backup();
    change.spec = {jobs::job_kind::annotate, "main"};
    change.spec.set = "20261122-064235F";
    change.spec.annotations = {{"gone", ""}, {"ticket", "OPS-7"}};

    CHECK(parsed(change).at("set") == "20261122-064235F");
    CHECK(parsed(change).at("annotations") == json::object{{"gone", nullptr}, {"ticket", "OPS-7"}});
    CHECK(parsed(running_backup()).at("set").is_null());
    CHECK(parsed(running_backup()).at("dry_run") == false);
}

TEST_CASE("work of restpoint's own tells its report as its result", "[unit][api]") {
    auto restore = running_backup();
    restore.spec = {jobs::job_kind::restore, "main"};
    CHECK(parsed(restore).at("result").is_null());

    restore.report = R"({"way": "beside"})";
    CHECK(parsed(restore).at("result") == json::object{{"way", "beside"}});

    restore.report = "cut o";
    CHECK(parsed(restore).at("result").is_null());
}

TEST_CASE(
    "the rate and the time left follow from the bytes copied since the start", "[unit][api]") {
    auto job = running_backup();
    job.progress.phase = "copy";
    job.progress.bytes_done = 1000;
    job.progress.bytes_total = 4000;
    job.progress.percent = 25;

    const auto p = parsed(job, morning() + std::chrono::seconds{10}).at("progress").as_object();

    CHECK(p.at("phase") == "copy");
    CHECK(p.at("percent").to_number<double>() == Approx(25));
    CHECK(p.at("rate_bytes_per_s").as_int64() == 100);
    CHECK(p.at("eta_s").as_int64() == 30);
}

TEST_CASE("a rate and a time left that were measured go before what is reckoned", "[unit][api]") {
    auto job = running_backup();
    job.progress.phase = "copy";
    job.progress.bytes_done = 1000;
    job.progress.bytes_total = 4000;
    job.progress.estimated = true;
    job.progress.rate = 500.4;
    job.progress.seconds_left = 6.6;

    auto p = parsed(job, morning() + std::chrono::seconds{10}).at("progress").as_object();
    CHECK(p.at("rate_bytes_per_s").as_int64() == 500);
    CHECK(p.at("eta_s").as_int64() == 7);
    CHECK(p.at("estimated") == true);

    job.progress.seconds_left = 1e300;
    p = parsed(job).at("progress").as_object();
    CHECK(p.at("eta_s").as_int64() == 1'000'000'000);

    job.progress.seconds_left.reset();
    job.progress.bytes_done.reset();
    p = parsed(job).at("progress").as_object();
    CHECK(p.at("rate_bytes_per_s").as_int64() == 500);
    CHECK(p.at("eta_s").is_null());
}

TEST_CASE("a job that has ended has no progress, whatever its last was", "[unit][api]") {
    auto job = running_backup();
    job.progress.phase = "end";
    job.progress.bytes_done = 1000;
    for (const auto state : {jobs::job_state::succeeded, jobs::job_state::failed}) {
        job.state = state;
        CHECK(parsed(job).at("progress").is_null());
    }
}

TEST_CASE(
    "behind the copying nobody knows the time left, nor where it is estimated", "[unit][api]") {
    auto job = running_backup();
    job.progress.bytes_done = 3996;
    job.progress.bytes_total = 4000;
    const auto eta = [&] {
        return parsed(job, morning() + std::chrono::seconds{10}).at("progress").at("eta_s");
    };
    for (const auto* phase : {"archive", "expire", "end"}) {
        CAPTURE(phase);
        job.progress.phase = phase;
        CHECK(eta().is_null());
    }
    job.progress.phase = "copy";
    CHECK(eta() == 0);
    job.progress.estimated = true;
    job.progress.rate = 0.1;
    CHECK(eta().is_null());
}

TEST_CASE("progress alone is what it is in the job", "[unit][api]") {
    auto job = running_backup();
    job.progress.phase = "copy";

    CHECK(json::parse(progress_json(job, morning())) == parsed(job).at("progress"));
    job.state = jobs::job_state::queued;
    job.progress = {};
    CHECK(progress_json(job, morning()) == "null");
}

TEST_CASE("a clock that stepped back gives no rate", "[unit][api]") {
    auto job = running_backup();
    job.progress.bytes_done = 1000;

    const auto p = parsed(job, morning() - std::chrono::hours{1}).at("progress").as_object();

    CHECK(p.at("rate_bytes_per_s").is_null());
    CHECK(p.at("eta_s").is_null());
}

TEST_CASE("a failed job tells pgBackRest's code, name, message and hint", "[unit][api]") {
    const auto o = parsed(failed_backup());

    CHECK(o.at("exit_code") == 82);
    CHECK(o.at("error").at("code") == 82);
    CHECK(o.at("error").at("name") == "archive-timeout");
    CHECK(o.at("error").at("message") == "WAL segment was not archived");
    CHECK(o.at("error").at("hint") == "look at the archive_command");
    CHECK(o.at("result").is_null());
}

TEST_CASE("a failed job that left a backup set names it", "[unit][api]") {
    auto job = failed_backup();
    job.label = "20261122-064235F";
    job.backup_size = 1U << 30U;
    job.expire_failed = true;

    const auto result = parsed(job).at("result").as_object();

    CHECK(result.at("label") == "20261122-064235F");
    CHECK(result.at("backup_size") == 1U << 30U);
    CHECK(result.at("expire_failed") == true);
}

TEST_CASE("bytes that are not UTF-8 become valid JSON", "[unit][api]") {
    auto job = failed_backup();
    job.error->message = "file \xff\xfe <b>";

    const auto message = parsed(job).at("error").at("message").as_string();

    CHECK(message == "file \xEF\xBF\xBD\xEF\xBF\xBD <b>");
}

TEST_CASE("the list names the cursor of its next page, and null behind the last", "[unit][api]") {
    const std::vector<jobs::job> jobs{running_backup(), failed_backup()};

    const auto page = json::parse(job_list_json(jobs, 12, morning())).as_object();
    const auto last = json::parse(job_list_json({}, std::nullopt, morning())).as_object();

    CHECK(page.at("jobs").as_array().size() == 2);
    CHECK(page.at("next_cursor") == "12");
    CHECK(last.at("jobs").as_array().empty());
    CHECK(last.at("next_cursor").is_null());
}

} // namespace restpoint::api
