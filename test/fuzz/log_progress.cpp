// How far a command is: figures that never go back, whatever the lines say.
#include "backrest/progress.hpp"
#include "support/fuzz.hpp"

#include <array>
#include <cmath>

namespace backrest = restpoint::backrest;

namespace {

std::ptrdiff_t rank(std::string_view phase) {
    constexpr std::array<std::string_view, 6> phases{"",        "start",  "copy",
                                                     "archive", "expire", "end"};
    const auto* const found = std::ranges::find(phases, phase);
    demand(found != phases.end(), "a phase has a known name");
    return found - phases.begin();
}

void check_step(const backrest::progress& before, const backrest::progress& now) {
    demand(rank(before.phase) <= rank(now.phase), "no phase comes again");
    demand(before.files_done <= now.files_done, "no file is taken back");
    demand(!before.bytes_done || now.bytes_done >= before.bytes_done, "no byte is taken back");
    demand(!before.percent || now.percent >= before.percent, "the percentage never goes back");
    if (now.percent) {
        demand(std::isfinite(*now.percent), "a percentage is a number");
        demand(*now.percent >= 0 && *now.percent <= 100, "a percentage is one");
    }
    if (now.bytes_total && now.bytes_done) {
        demand(*now.bytes_total >= *now.bytes_done, "the part is not larger than the whole");
    }
}

} // namespace

void probe(std::string_view input) {
    backrest::progress now;
    dispenser from(input);
    while (!from.empty()) {
        const auto line = from.line();
        const auto before = now;
        backrest::advance(now, backrest::parse_log_line(line));
        check_step(before, now);
    }
    if (const auto size = backrest::parse_size(input); size && *size < (1ULL << 53U)) {
        demand(
            backrest::parse_size(std::to_string(*size) + "B") == size, "a size is so many bytes");
    }
}
