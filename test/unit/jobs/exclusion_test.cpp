#include "jobs/exclusion.hpp"
#include "support/catch.hpp"

#include <array>

using namespace restpoint;
using namespace restpoint::jobs;

namespace {

constexpr std::array every_kind{
    job_kind::backup,          job_kind::stanza_create,  job_kind::check,
    job_kind::verify,          job_kind::expire,         job_kind::stanza_upgrade,
    job_kind::annotate,        job_kind::restore,        job_kind::undo,
    job_kind::forget,          job_kind::postgres_start, job_kind::postgres_stop,
    job_kind::postgres_restart};

job a_job(job_id id, job_kind kind, std::string stanza = "main") {
    job made;
    made.id = id;
    made.spec.kind = kind;
    made.spec.stanza = std::move(stanza);
    made.state = job_state::running;
    return made;
}

} // namespace

TEST_CASE("kinds exclude each other as the table says", "[unit][jobs]") {
    constexpr bool x = true;
    constexpr bool o = false;
    constexpr std::array<std::array<bool, 13>, 13> table{{
        // backup, stanza_create, check, verify, expire, stanza_upgrade, annotate, restore, undo,
        // forget, postgres_start, postgres_stop, postgres_restart
        {x, x, o, o, x, x, x, x, x, x, o, o, o},
        {x, x, o, o, x, x, x, x, x, x, o, o, o},
        {o, o, x, o, o, o, o, x, x, x, o, o, o},
        {o, o, o, x, o, o, o, x, x, x, o, o, o},
        {x, x, o, o, x, x, x, x, x, x, o, o, o},
        {x, x, o, o, x, x, x, x, x, x, o, o, o},
        {x, x, o, o, x, x, x, x, x, x, o, o, o},
        {x, x, x, x, x, x, x, x, x, x, x, x, x},
        {x, x, x, x, x, x, x, x, x, x, x, x, x},
        {x, x, x, x, x, x, x, x, x, x, x, x, x},
        {o, o, o, o, o, o, o, x, x, x, x, x, x},
        {o, o, o, o, o, o, o, x, x, x, x, x, x},
        {o, o, o, o, o, o, o, x, x, x, x, x, x},
    }};

    for (std::size_t a = 0; a < every_kind.size(); ++a) {
        for (std::size_t b = 0; b < every_kind.size(); ++b) {
            CAPTURE(to_string(every_kind[a]), to_string(every_kind[b]));
            CHECK(excludes(every_kind[a], every_kind[b]) == table[a][b]);
        }
    }
}

TEST_CASE("the first excluding job of the same stanza is in the way", "[unit][jobs]") {
    const std::vector<job> unfinished{
        a_job(3, job_kind::expire, "other"), a_job(4, job_kind::verify), a_job(5, job_kind::expire),
        a_job(6, job_kind::backup)};

    const auto* found = in_the_way(unfinished, a_job(0, job_kind::backup).spec);

    REQUIRE(found != nullptr);
    CHECK(found->id == 5);
}

TEST_CASE("jobs of other stanzas and kinds that go together are not in the way", "[unit][jobs]") {
    const std::vector<job> unfinished{
        a_job(3, job_kind::backup, "other"), a_job(4, job_kind::verify), a_job(5, job_kind::check)};

    CHECK(in_the_way(unfinished, a_job(0, job_kind::backup).spec) == nullptr);
    CHECK(in_the_way({}, a_job(0, job_kind::backup).spec) == nullptr);
}

TEST_CASE("a queued job is in the way as a running one is", "[unit][jobs]") {
    auto queued = a_job(3, job_kind::backup);
    queued.state = job_state::queued;
    const std::vector<job> unfinished{queued};

    CHECK(in_the_way(unfinished, a_job(0, job_kind::expire).spec) == unfinished.data());
}

TEST_CASE("a job that has ended is in nobody's way", "[unit][jobs]") {
    auto ended = a_job(3, job_kind::backup);
    ended.state = job_state::failed;
    const std::vector<job> jobs{ended};

    CHECK(in_the_way(jobs, ended.spec) == nullptr);
    CHECK(twin_of(jobs, ended.spec) == nullptr);
}

TEST_CASE("a twin is equal in every part of the spec", "[unit][jobs]") {
    auto backup = a_job(3, job_kind::backup);
    backup.spec.type = backrest::backup_type::full;
    backup.spec.annotations = {{"ticket", "OPS-7"}};
    backup.spec.repo = 1;
    const std::vector<job> unfinished{a_job(2, job_kind::backup), backup};

    CHECK(twin_of(unfinished, backup.spec) == &unfinished[1]);

    auto wanted = backup.spec;
    wanted.kind = job_kind::expire;
    CHECK(twin_of(unfinished, wanted) == nullptr);
    wanted = backup.spec;
    wanted.stanza = "other";
    CHECK(twin_of(unfinished, wanted) == nullptr);
    wanted = backup.spec;
    wanted.type = backrest::backup_type::diff;
    CHECK(twin_of(unfinished, wanted) == nullptr);
    wanted = backup.spec;
    wanted.annotations["ticket"] = "OPS-8";
    CHECK(twin_of(unfinished, wanted) == nullptr);
    wanted = backup.spec;
    wanted.repo = 2;
    CHECK(twin_of(unfinished, wanted) == nullptr);
}
