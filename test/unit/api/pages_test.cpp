#include "api/html_page.hpp"
#include "api/job_page.hpp"
#include "api/page_style.hpp"
#include "requests.hpp"
#include "support/catch.hpp"

namespace restpoint::api {
namespace {

const std::string evil = "<script>alert(1)</script>";

bool holds(std::string_view text, std::string_view part) {
    return text.find(part) != text.npos;
}

} // namespace

TEST_CASE("a good end reads as the old server wrote it", "[unit][api]") {
    auto job = running_backup();
    job.state = jobs::job_state::succeeded;
    job.label = "20261122-064235F";

    const auto html = outcome_html(job);

    CHECK(holds(html, "<h1> Success </h1> <br/>"));
    CHECK(holds(html, "20261122-064235F"));
    CHECK_FALSE(holds(html, "Error"));
}

TEST_CASE("an end tells how much was read, and what of the log was not kept", "[unit][api]") {
    auto job = running_backup();
    job.state = jobs::job_state::succeeded;
    job.label = "20261122-064235F";
    job.backup_size = 1536;
    job.log_dropped = 7;

    const auto html = outcome_html(job);

    CHECK(holds(html, "<code>20261122-064235F</code>, 1.5 KiB read"));
    CHECK(holds(html, "7 lines of the log were not kept"));
}

TEST_CASE("an end that is not pgBackRest's word has a name instead of a code", "[unit][api]") {
    auto job = failed_backup();
    job.error = backrest::command_error{{}, "signal", "ended by signal 9 (SIGKILL)", ""};

    const auto html = outcome_html(job);

    CHECK(holds(html, "the job ended as failed (signal)"));
    CHECK(holds(html, "ended by signal 9"));
    CHECK_FALSE(holds(html, "class=\"hint\""));
}

TEST_CASE("a table without jobs says so", "[unit][api]") {
    CHECK(holds(job_table({}, morning()), "no job yet"));
}

TEST_CASE("a bad end tells the code, its name, what it means and what to do", "[unit][api]") {
    const auto html = outcome_html(failed_backup());

    CHECK(holds(html, "<h1> Error </h1>"));
    CHECK(holds(html, "code 82 (archive-timeout)"));
    CHECK(holds(html, "WAL segment was not archived"));
    CHECK(holds(html, "look at the archive_command"));
    CHECK_FALSE(holds(html, "Success"));
}

TEST_CASE("a job that did not succeed is never shown as one that did", "[unit][api]") {
    const auto state =
        GENERATE(jobs::job_state::failed, jobs::job_state::cancelled, jobs::job_state::interrupted);
    auto job = running_backup();
    job.state = state;

    const auto html = outcome_html(job);

    CHECK(holds(html, "<h1> Error </h1>"));
    CHECK(holds(html, to_string(state)));
    CHECK_FALSE(holds(html, "Success"));
}

TEST_CASE("a backup whose expire failed says that the set exists", "[unit][api]") {
    auto job = failed_backup();
    job.label = "20261122-064235F";
    job.expire_failed = true;

    const auto html = outcome_html(job);

    CHECK(holds(html, "20261122-064235F"));
    CHECK(holds(html, "expire"));
}

TEST_CASE("what came from outside is text on every part of a page", "[unit][api]") {
    auto job = failed_backup();
    job.spec.stanza = evil;
    job.spec.annotations = {{evil, evil}};
    job.requested_by = evil;
    job.label = evil;
    job.error = backrest::command_error{82, evil, evil, evil};
    const std::vector<jobs::job> list{job};
    http::problem problem;
    problem.detail = evil;
    problem.hint = evil;
    problem.code = evil;
    problem.title = evil;

    CHECK_FALSE(holds(job_page_begin(job, morning(), {}), "<script"));
    CHECK_FALSE(holds(outcome_html(job), "<script"));
    CHECK_FALSE(holds(job_table(list, morning()), "<script"));
    CHECK_FALSE(holds(error_page(problem).body, "<script"));
    CHECK_FALSE(holds(button(evil, evil, evil), "<script"));
    CHECK_FALSE(holds(page_begin(evil), "<script"));
    CHECK(holds(outcome_html(job), "&lt;script&gt;"));
}

TEST_CASE("a job that runs is shown as running, with its button", "[unit][api]") {
    const auto html = job_page_begin(running_backup(), morning(), "<b>button</b>");

    CHECK(holds(html, "class=\"running\""));
    CHECK(holds(html, "<b>button</b>"));
    CHECK(holds(html, "full backup of main"));
    CHECK(html.ends_with('\n'));
}

TEST_CASE("the outcome is put above the log by style, and what says running goes", "[unit][api]") {
    CHECK(holds(page_style(), ".outcome{order:-2"));
    CHECK(holds(hide_running(), std::string("<style>") + std::string(end_style()) + "</style>"));
    CHECK(end_style() == ".running{display:none}");
}

TEST_CASE("the policy allows our two styles by hash and nothing else", "[unit][api]") {
    const auto& policy = content_security_policy();

    CHECK(holds(policy, "default-src 'none'"));
    CHECK(holds(policy, "form-action 'self'"));
    CHECK_FALSE(holds(policy, "unsafe-inline"));
    CHECK_FALSE(holds(policy, "script-src"));
    // printf '.running{display:none}' | openssl dgst -sha256 -binary | base64
    CHECK(holds(policy, "'sha256-8lwgjjPcuaWHbYfg0NKmJs08TN03i2KTHVNriJhW2mM='"));
}

TEST_CASE("a text keeps its lines as breaks", "[unit][api]") {
    CHECK(with_breaks("a\n<b>\n") == "a<br/>\n&lt;b&gt;<br/>\n");
}

} // namespace restpoint::api
