// What a finished command amounts to. The first two bytes of an input say how its process ended,
// the rest is its log.
#include "backrest/last_words.hpp"
#include "backrest/outcome.hpp"
#include "support/fuzz.hpp"

namespace backrest = restpoint::backrest;

namespace {

backrest::ending read_ending(dispenser& from) {
    const auto how = from.byte() % 3;
    const auto number = from.byte();
    backrest::ending end;
    if (how == 0) {
        end.exit_code = number;
    } else if (how == 1) {
        end.signal = 1 + number % 64;
    }
    return end;
}

/// Every line changed to `change(line)`; what stands behind the last line end is left out.
template <class Change>
std::string each_line(std::string_view log, Change change) {
    std::string out;
    for (auto end = log.find('\n'); end != log.npos; end = log.find('\n')) {
        out += change(log.substr(0, end)) + "\n";
        log.remove_prefix(end + 1);
    }
    return out;
}

void check_outcome(const backrest::outcome& told, const backrest::ending& end) {
    const bool succeeded = told.what == backrest::verdict::succeeded;
    demand(told.error.has_value() == !succeeded, "what did not succeed has an error");
    demand(!told.label || told.backup_completed, "only a complete backup has a label");
    demand(!told.backup_size || told.backup_completed, "only a complete backup has a size");
    demand(!told.expire_failed || told.backup_completed, "an expire fails behind a good backup");
    demand(
        !succeeded || (!end.signal && end.exit_code.value_or(0) == 0),
        "an ending that was seen as bad is never a success");
    if (told.label) {
        demand(
            told.label->find_first_not_of("0123456789-_FDI") == std::string::npos,
            "a label is a label");
    }
    if (told.error) {
        demand(!told.error->name.empty() && !told.error->message.empty(), "an error says what");
        demand(!told.error->hint.empty(), "an error says what to do");
        demand(is_utf8(told.error->message) && is_utf8(told.error->hint), "an error is UTF-8");
        demand(
            !has_control(told.error->message, "\n\t") && !has_control(told.error->hint, "\n\t"),
            "an error has no control characters");
        demand(told.error->message.size() <= 8192, "an error is not endless");
    }
}

} // namespace

void probe(std::string_view input) {
    dispenser from(input);
    const auto end = read_ending(from);
    const auto log = from.rest();

    const auto told = backrest::judge(end, log);

    check_outcome(told, end);
    const auto whole_lines = log.substr(0, log.rfind('\n') == log.npos ? 0 : log.rfind('\n') + 1);
    demand(backrest::judge(end, whole_lines) == told, "half a line says nothing");
    const auto with_ours = each_line(log, [](std::string_view line) {
        return std::string(line) + "\n2026-11-22 06:42:50.413 RST   WARN: a word of our own";
    });
    demand(backrest::judge(end, with_ours) == told, "our own lines change nothing");

    const auto indented =
        each_line(log, [](std::string_view line) { return "  " + std::string(line); });
    const auto words = backrest::read_last_words(indented);
    demand(
        words.command.empty() && !words.error && !words.label &&
            words.end.what == backrest::command_end::kind::unsaid,
        "an indented line forges nothing");
}
