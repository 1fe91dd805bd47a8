// One line of pgBackRest's log: the parts are views into it, and make the same line again.
#include "backrest/log_line.hpp"

#include "support/fuzz.hpp"

#include <fmt/format.h>

namespace backrest = restpoint::backrest;

namespace {

bool lies_within(std::string_view part, std::string_view whole) {
    return part.empty() || (part.data() >= whole.data() &&
                            part.data() + part.size() <= whole.data() + whole.size());
}

std::string upper(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return out;
}

std::string write(const backrest::log_line& line) {
    std::string out;
    if (line.what == backrest::log_line::form::entry) {
        out += line.time.empty() ? "" : std::string(line.time) + " ";
        out += std::string(line.process) + "   ";
    }
    if (line.level) {
        out += upper(to_string(*line.level)) + ": ";
    }
    if (line.code) {
        out += fmt::format("[{:03}]: ", *line.code);
    }
    return out + std::string(line.text);
}

} // namespace

void probe(std::string_view input) {
    using form = backrest::log_line::form;
    const auto line = backrest::parse_log_line(input);

    demand(
        lies_within(line.time, input) && lies_within(line.process, input) &&
            lies_within(line.text, input),
        "the parts are views into the line");
    const bool said = line.what == form::entry || line.what == form::bare;
    demand(line.level.has_value() == said, "what pgBackRest says has a level, and nothing else");
    demand((line.what == form::entry) == !line.process.empty(), "an entry has a process");
    demand(line.what == form::entry || line.time.empty(), "only an entry has a time");
    demand(!line.code || (*line.code >= 0 && *line.code <= 999), "a code has three digits");
    demand(!line.code || line.level == backrest::log_level::error, "only an error has a code");
    if (said) {
        const auto text = write(line);
        const auto again = backrest::parse_log_line(text);
        demand(
            again.what == line.what && again.time == line.time && again.process == line.process &&
                again.level == line.level && again.code == line.code && again.text == line.text,
            "a line can be written again");
    }
    if (backrest::is_reference_noise(input)) {
        demand(
            line.what == form::entry && line.level == backrest::log_level::detail &&
                line.process != backrest::own_process,
            "only a detail of pgBackRest's is noise");
    }
    if (const auto level = backrest::parse_log_level(input)) {
        demand(to_string(*level) == lower(input), "a level is its name");
    }
}
