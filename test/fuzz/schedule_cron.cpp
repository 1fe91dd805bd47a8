// Cron expressions: what is taken has one spelling and comes due; what is not is told with a hint.
#include "schedule/cron.hpp"
#include "schedule/occurrences.hpp"
#include "support/fuzz.hpp"

#include <bit>

namespace schedule = restpoint::schedule;
using restpoint::wall_time;

namespace {

constexpr wall_time begin_of_2026{std::chrono::seconds{1'767'225'600}};

void check_fields(const schedule::cron& what) {
    demand(what.minutes != 0 && what.minutes >> 60U == 0, "minutes are 0 to 59");
    demand(what.hours != 0 && what.hours >> 24U == 0, "hours are 0 to 23");
    demand(what.days != 0 && (what.days & 1U) == 0, "days are 1 to 31");
    demand(what.months != 0 && (what.months & ~0x1FFEU) == 0, "months are 1 to 12");
    demand(what.weekdays != 0 && what.weekdays >> 7U == 0, "days of the week are 0 to 6");
}

void check_runs(const schedule::cron& what) {
    const schedule::clocks utc;
    auto now = begin_of_2026;
    for (int i = 0; i < 3; ++i) {
        const auto next = schedule::next_run(what, utc, now);
        demand(next.has_value() && *next > now, "what is taken comes due");
        const auto minute = std::chrono::floor<std::chrono::minutes>(*next);
        demand(minute == *next, "at a whole minute");
        const auto of_hour = (minute - std::chrono::floor<std::chrono::hours>(minute)).count();
        demand(
            (what.minutes >> static_cast<unsigned>(of_hour) & 1U) != 0, "of those that were named");
        demand(schedule::last_run(what, utc, now, *next) == next, "and nothing lies between");
        now = *next;
    }
}

} // namespace

void probe(std::string_view input) {
    const auto parsed = schedule::parse_cron(input);
    if (!parsed) {
        demand(parsed.error().code == restpoint::errc::invalid, "what cannot be is invalid");
        demand_readable(parsed.error());
        demand(!parsed.error().hint.empty(), "what is refused gets a hint");
        demand(!has_control(parsed.error().detail, "\n\t"), "a failure can be shown");
        return;
    }
    check_fields(*parsed);
    const auto text = schedule::to_text(*parsed);
    const auto again = schedule::parse_cron(text);
    demand(again && *again == *parsed, "an expression has a spelling of its own");
    demand(schedule::to_text(*again) == text, "and only one");
    check_runs(*parsed);
}
