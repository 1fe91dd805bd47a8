// Environment and flags, an entry a line: what both say is the same, whatever it is.
#include "config/assignment.hpp"
#include "support/fuzz.hpp"

#include <vector>

namespace config = restpoint::config;

namespace {

void check(const config::reading& found) {
    for (const auto& problem : found.problems) {
        demand(!problem.detail.empty() && !problem.where.empty(), "a problem says where and what");
    }
    for (const auto& given : found.assignments) {
        demand(given.target != nullptr && !given.where.empty(), "a value has a key and a place");
        config::settings values;
        const bool fits = given.target->form != config::shape::number ||
                          std::holds_alternative<std::int64_t>(given.given);
        if (!fits) {
            continue;
        }
        if (const auto why = given.target->set(values, given.given)) {
            demand(!config::refuse(given, *why).detail.empty(), "a refused value is told");
        } else {
            const auto kept = given.target->get(values);
            demand(!given.target->set(values, kept).has_value(), "what is kept is allowed");
            demand(given.target->get(values) == kept, "and stays the same");
        }
    }
}

} // namespace

void probe(std::string_view input) {
    std::vector<std::string> environment;
    std::vector<std::string> flags;
    dispenser from(input);
    // Few, since each unknown name is compared with every known one.
    for (int entry = 0; entry < 6 && !from.empty(); ++entry) {
        const auto line = from.line();
        if (line.find('\0') != line.npos) {
            continue; // neither can hold one
        }
        if (line.starts_with('-')) {
            flags.emplace_back(line);
        } else {
            environment.push_back("RESTPOINT_" + std::string(line));
        }
    }
    check(config::read_environment(environment, config::keys()));
    check(config::read_flags(flags, config::keys()));
}
