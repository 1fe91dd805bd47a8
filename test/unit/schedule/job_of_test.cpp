#include "schedule/job_of.hpp"
#include "support/catch.hpp"

using namespace restpoint;
using namespace restpoint::schedule;

TEST_CASE("a schedule asks for a job of its kind and type", "[unit][schedule]") {
    const auto [action, kind] = GENERATE(table<std::string, jobs::job_kind>(
        {{"backup", jobs::job_kind::backup},
         {"check", jobs::job_kind::check},
         {"verify", jobs::job_kind::verify},
         {"expire", jobs::job_kind::expire}}));
    definition_text text;
    text.name = "n";
    text.action = action;
    text.cron = "@daily";
    if (kind == jobs::job_kind::backup) {
        text.type = "diff";
    }

    const auto spec = job_of(make_definition(text).value(), "main");

    CHECK(spec.kind == kind);
    CHECK(spec.stanza == "main");
    CHECK(spec.type.has_value() == (kind == jobs::job_kind::backup));
    CHECK(spec.type.value_or(backrest::backup_type::diff) == backrest::backup_type::diff);
}
