#include "jobs/job.hpp"
#include "support/catch.hpp"

#include <array>
#include <stdexcept>

using namespace restpoint;
using namespace restpoint::jobs;

namespace {

constexpr std::array every_kind{
    job_kind::backup,          job_kind::stanza_create,  job_kind::check,
    job_kind::verify,          job_kind::expire,         job_kind::stanza_upgrade,
    job_kind::annotate,        job_kind::restore,        job_kind::undo,
    job_kind::forget,          job_kind::postgres_start, job_kind::postgres_stop,
    job_kind::postgres_restart};
constexpr std::array every_state{job_state::queued, job_state::running,   job_state::succeeded,
                                 job_state::failed, job_state::cancelled, job_state::interrupted};

} // namespace

TEST_CASE("a kind has pgBackRest's name for the command", "[unit][jobs]") {
    CHECK(to_string(job_kind::backup) == "backup");
    CHECK(to_string(job_kind::stanza_create) == "stanza-create");
    CHECK(to_string(job_kind::check) == "check");
    CHECK(to_string(job_kind::verify) == "verify");
    CHECK(to_string(job_kind::expire) == "expire");
    CHECK(to_string(job_kind::stanza_upgrade) == "stanza-upgrade");
    CHECK(to_string(job_kind::annotate) == "annotate");
    CHECK(to_string(job_kind::restore) == "restore");
    CHECK(to_string(job_kind::postgres_stop) == "postgres-stop");
}

TEST_CASE("a state has the name that stands on the wire", "[unit][jobs]") {
    CHECK(to_string(job_state::queued) == "queued");
    CHECK(to_string(job_state::running) == "running");
    CHECK(to_string(job_state::succeeded) == "succeeded");
    CHECK(to_string(job_state::failed) == "failed");
    CHECK(to_string(job_state::cancelled) == "cancelled");
    CHECK(to_string(job_state::interrupted) == "interrupted");
}

TEST_CASE("every kind and every state reads back from its name", "[unit][jobs]") {
    for (const auto kind : every_kind) {
        CHECK(parse_job_kind(to_string(kind)) == kind);
    }
    for (const auto state : every_state) {
        CHECK(parse_job_state(to_string(state)) == state);
    }
}

TEST_CASE("a word that is no kind or state is none", "[unit][jobs]") {
    for (const auto* word : {"", "Backup", "backup ", "stanza_create", "restores", "unknown"}) {
        CAPTURE(word);
        CHECK_FALSE(parse_job_kind(word));
        CHECK_FALSE(parse_job_state(word));
    }
}

TEST_CASE("a job moves along the transitions of the table and no others", "[unit][jobs]") {
    constexpr bool x = true;
    constexpr bool o = false;
    // Rows: from; columns: to; both in the order of every_state.
    constexpr std::array<std::array<bool, 6>, 6> allowed{{
        {o, x, o, x, x, x}, // queued: running, failed, cancelled, interrupted
        {x, o, x, x, x, x}, // running: queued, succeeded, failed, cancelled, interrupted
        {o, o, o, o, o, o},
        {o, o, o, o, o, o},
        {o, o, o, o, o, o},
        {o, o, o, o, o, o},
    }};

    for (std::size_t from = 0; from < every_state.size(); ++from) {
        for (std::size_t to = 0; to < every_state.size(); ++to) {
            CAPTURE(to_string(every_state[from]), to_string(every_state[to]));
            CHECK(may_become(every_state[from], every_state[to]) == allowed[from][to]);
        }
    }
}

TEST_CASE("what is neither queued nor running is final", "[unit][jobs]") {
    CHECK_FALSE(is_final(job_state::queued));
    CHECK_FALSE(is_final(job_state::running));
    CHECK(is_final(job_state::succeeded));
    CHECK(is_final(job_state::failed));
    CHECK(is_final(job_state::cancelled));
    CHECK(is_final(job_state::interrupted));
}

TEST_CASE("a backup's type, annotations and repo reach the command", "[unit][jobs]") {
    job_spec spec;
    spec.type = backrest::backup_type::diff;
    spec.annotations = {{"ticket", "OPS-7"}};
    spec.repo = 2;

    const auto command = to_command(spec);

    const auto* backup = std::get_if<backrest::backup>(&command);
    REQUIRE(backup != nullptr);
    CHECK(backup->type == backrest::backup_type::diff);
    CHECK(backup->annotations == spec.annotations);
    CHECK(backup->repo == 2);
}

TEST_CASE("a backup without a type is incremental", "[unit][jobs]") {
    const auto command = to_command(job_spec{});

    const auto* backup = std::get_if<backrest::backup>(&command);
    REQUIRE(backup != nullptr);
    CHECK(backup->type == backrest::backup_type::incr);
}

TEST_CASE("each other kind is its own command", "[unit][jobs]") {
    const auto command_of = [](job_kind kind) {
        job_spec spec;
        spec.kind = kind;
        spec.repo = 2;
        spec.set = "20261122-064235F";
        spec.dry_run = true;
        spec.annotations = {{"a", "b"}};
        return to_command(spec);
    };

    CHECK(std::holds_alternative<backrest::stanza_create>(command_of(job_kind::stanza_create)));
    CHECK(std::holds_alternative<backrest::check>(command_of(job_kind::check)));
    CHECK(command_of(job_kind::verify) == backrest::command(backrest::verify{2}));
    CHECK(
        command_of(job_kind::expire) ==
        backrest::command(backrest::expire{2, "20261122-064235F", true}));
    CHECK(std::holds_alternative<backrest::stanza_upgrade>(command_of(job_kind::stanza_upgrade)));
    CHECK(
        command_of(job_kind::annotate) ==
        backrest::command(backrest::annotate{"20261122-064235F", {{"a", "b"}}, 2}));
}

TEST_CASE("work of restpoint's own is no command of pgBackRest", "[unit][jobs]") {
    for (const auto kind : every_kind) {
        CAPTURE(to_string(kind));
        job_spec spec;
        spec.kind = kind;
        if (is_own_work(kind)) {
            CHECK_THROWS_AS(to_command(spec), std::logic_error);
        } else {
            CHECK_NOTHROW(to_command(spec));
        }
    }
}
