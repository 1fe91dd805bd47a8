#include "config/load.hpp"

#include "base/file.hpp"
#include "base/utf8.hpp"
#include "config/assignment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace restpoint::config {
namespace {

value text_to_list(std::string_view text) {
    text_list items;
    while (!text.empty()) {
        const auto comma = std::min(text.find(','), text.size());
        auto item = text.substr(0, comma);
        item.remove_prefix(std::min(item.find_first_not_of(' '), item.size()));
        item = item.substr(0, item.find_last_not_of(' ') + 1);
        items.emplace_back(item);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return items;
}

void append(std::vector<problem>& to, std::vector<problem>& from) {
    std::ranges::move(from, std::back_inserter(to));
}

/// A problem quotes names and values as they were found, and stands on one line of a terminal or a
/// log.
void make_presentable(std::string& text) {
    text = presentable(text, text.size());
    std::ranges::replace_if(text, [](char c) { return c == '\n' || c == '\t'; }, ' ');
}

class merger {
  public:
    merger(loaded& into, std::span<const key> table) : into_(into), table_(table) {}

    void apply(reading source) {
        append(into_.problems, source.problems);
        for (const auto& what : source.assignments) {
            apply(what);
        }
        take_schedules(source.schedules, into_);
    }

    /// `required`: somebody named the file, so it must be there.
    void apply_file(const std::string& path, const std::string& named_by) {
        constexpr std::size_t limit = 1U << 20U;
        const auto content = read_file(path, limit);
        if (content) {
            into_.file = path;
            auto source = read_toml(*content, path, table_);
            complete_ = source.complete;
            apply(std::move(source));
        } else if (content.error().code != errc::not_found || !named_by.empty()) {
            complete_ = false;
            into_.problems.push_back(
                {.where = named_by.empty() ? path : named_by,
                 .detail = content.error().detail,
                 .hint = content.error().code == errc::not_found
                             ? "without a name, the default file may be absent; a named one may not"
                             : "the file must be readable by the user restpoint runs as"});
        }
    }

    void incomplete() { complete_ = false; }

    void check_relations() {
        if (!complete_) {
            return; // what the file says about the other key is not known
        }
        for (const auto& rule : relations()) {
            const bool wrong_already = std::ranges::any_of(into_.problems, [&](const auto& p) {
                return std::ranges::find(rule.keys, p.key) != rule.keys.end();
            });
            if (wrong_already) {
                continue;
            }
            if (const auto why = rule.broken(into_.values)) {
                const auto blamed = std::ranges::find_if(
                    rule.keys, [&](const auto& name) { return into_.sources.contains(name); });
                const auto& name = blamed == rule.keys.end() ? rule.keys.front() : *blamed;
                into_.problems.push_back(
                    {.where = into_.sources.contains(name) ? into_.sources.at(name) : "default",
                     .key = name,
                     .detail = fmt::format("{}: {}", name, why->detail),
                     .hint = why->hint});
            }
        }
    }

  private:
    void apply(const assignment& what) {
        // What does not fit comes from the environment or a flag: a text where a number belongs.
        const auto why = fits(what.target->form, what.given)
                             ? what.target->set(into_.values, what.given)
                             : objection{};
        if (why) {
            into_.problems.push_back(refuse(what, *why));
            return;
        }
        if (const auto* entries = std::get_if<text_map>(&what.given)) {
            for (const auto& [name, content] : *entries) {
                into_.sources[what.target->name + "." + name] = what.where;
            }
        }
        into_.sources[what.target->name] = what.where;
    }

    loaded& into_;
    std::span<const key> table_;
    bool complete_ = true;
};

} // namespace

std::string to_string(const problem& what) {
    auto text = fmt::format("{}: {}", what.where, what.detail);
    if (!what.hint.empty()) {
        text += fmt::format("\n    hint: {}", what.hint);
    }
    return text;
}

value value_of_text(const key& target, const std::string& text) {
    if (target.form == shape::list) {
        return text_to_list(text);
    }
    if (target.form == shape::number) {
        std::int64_t n = 0;
        const auto* end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, n);
        if (!text.empty() && error == std::errc{} && stop == end) {
            return n;
        }
    }
    return text;
}

problem refuse(const assignment& what, const objection& why) {
    const auto& row = *what.target;
    auto name = row.name;
    std::string shown = toml_text(what.given);
    if (const auto* entries = std::get_if<text_map>(&what.given); entries && !entries->empty()) {
        // The value of a variable is nobody's business, whatever its name.
        name += "." + entries->begin()->first;
        shown.clear();
    }
    if (row.secret == secrecy::secret) {
        shown = "(not shown)";
    }
    const auto reason = why.detail.empty() ? "must be " + row.allowed : why.detail;
    return {
        .where = what.where,
        .key = row.name,
        .detail = shown.empty() ? fmt::format("{} {}", name, reason)
                                : fmt::format("{} = {} {}", name, shown, reason),
        .hint = why.hint};
}

loaded load(const inputs& from, std::span<const key> table) {
    loaded result;
    merger all(result, table);
    auto flags = read_flags(from.arguments, table);
    auto environment = read_environment(from.environment, table);
    if (!flags.complete) {
        all.incomplete(); // which file was meant is not known
    } else if (flags.file) {
        all.apply_file(*flags.file, flags.file_where);
    } else if (environment.file) {
        all.apply_file(*environment.file, environment.file_where);
    } else {
        all.apply_file(from.default_file, "");
    }
    all.apply(std::move(environment));
    all.apply(std::move(flags));
    all.check_relations();
    for (auto& found : result.problems) {
        make_presentable(found.where);
        make_presentable(found.detail);
        make_presentable(found.hint);
    }
    return result;
}

} // namespace restpoint::config
