#include "schedule/definition.hpp"

#include "base/utf8.hpp"
#include "schedule/occurrences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace restpoint::schedule {

namespace {

constexpr std::array<std::string_view, 4> actions{"backup", "check", "verify", "expire"};
constexpr std::array<std::string_view, 2> places{"primary", "any"};
constexpr std::size_t longest_name = 64;

std::string in_quotes(std::string_view text) {
    return fmt::format("'{}'", presentable(text, longest_name));
}

/// All problems of one definition as one failure.
class problem_list {
  public:
    void add(const failure& problem) {
        append(all_.detail, problem.detail);
        if (all_.hint.find(problem.hint) == all_.hint.npos) {
            append(all_.hint, problem.hint);
        }
    }
    void add(std::string detail, std::string hint) {
        add({errc::invalid, std::move(detail), std::move(hint)});
    }
    [[nodiscard]] bool empty() const { return all_.detail.empty(); }
    [[nodiscard]] const failure& all() const { return all_; }

  private:
    static void append(std::string& text, const std::string& more) {
        text += (text.empty() ? "" : "; ") + more;
    }
    failure all_{errc::invalid, {}, {}};
};

template <class Enum, std::size_t Size>
Enum chosen(
    std::string_view key, const std::string& value, const std::array<std::string_view, Size>& names,
    problem_list& problems) {
    const auto found = std::ranges::find(names, value);
    if (found == names.end()) {
        problems.add(
            fmt::format("{} {} is not known", key, in_quotes(value)),
            fmt::format("{} is one of {}", key, fmt::join(names, ", ")));
        return Enum{};
    }
    return static_cast<Enum>(found - names.begin());
}

void check_name(const std::string& name, problem_list& problems) {
    const bool good = std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    });
    if (!good || name.empty() || name.size() > longest_name) {
        problems.add(
            fmt::format("name {} cannot be a schedule's", in_quotes(name)),
            "a name has 1 to 64 letters, digits, '-', '_' and '.'");
    }
}

std::optional<backrest::backup_type> read_type(
    const definition_text& text, problem_list& problems) {
    const bool is_backup = text.action == actions.front();
    if (!text.type) {
        if (is_backup) {
            problems.add("type is missing", "type says which backup: full, diff or incr");
        }
        return std::nullopt;
    }
    const auto type = backrest::parse_backup_type(*text.type);
    if (!is_backup) {
        problems.add(
            fmt::format(
                "type {} stands beside action {}", in_quotes(*text.type), in_quotes(text.action)),
            "only a backup has a type");
    } else if (!type) {
        problems.add(
            fmt::format("type {} is not known", in_quotes(*text.type)),
            "type is one of full, diff, incr");
    }
    return type;
}

/// Else a run could begin after the next one is due.
void check_jitter(std::chrono::seconds jitter, const result<cron>& when, problem_list& problems) {
    if (jitter < std::chrono::seconds{0}) {
        problems.add(
            fmt::format("jitter_s {} is negative", jitter.count()), "jitter_s is 0 or more");
    } else if (when && jitter > std::chrono::seconds{0} && jitter >= smallest_distance(*when)) {
        const std::chrono::seconds distance = smallest_distance(*when);
        problems.add(
            fmt::format(
                "jitter_s {} is not below the {} s between two runs", jitter.count(),
                distance.count()),
            fmt::format("jitter_s is at most {}", distance.count() - 1));
    }
}

} // namespace

std::string_view to_string(action what) {
    return actions.at(static_cast<std::size_t>(what));
}

std::string_view to_string(run_on where) {
    return places.at(static_cast<std::size_t>(where));
}

std::string fingerprint(const definition& what) {
    return fmt::format("{} {}", to_text(what.when), what.zone.name());
}

result<definition> make_definition(const definition_text& text) {
    problem_list problems;
    definition made;
    check_name(text.name, problems);
    made.name = text.name;
    made.what = chosen<action>("action", text.action, actions, problems);
    made.type = read_type(text, problems);
    const auto when = parse_cron(text.cron);
    if (!when) {
        problems.add(when.error());
    }
    made.expression = text.cron;
    const auto zone = clocks::of(text.time_zone);
    if (!zone) {
        problems.add({errc::invalid, "time_zone: " + zone.error().detail, zone.error().hint});
    }
    check_jitter(text.jitter, when, problems);
    made.jitter = text.jitter;
    made.catch_up = text.catch_up;
    made.where = chosen<run_on>("run_on", text.run_on, places, problems);
    made.claim = text.claim;
    if (!problems.empty()) {
        return problems.all();
    }
    made.when = *when;
    made.zone = *zone;
    return made;
}

} // namespace restpoint::schedule
