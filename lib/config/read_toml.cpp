#include "base/nearest.hpp"
#include "base/utf8.hpp"
#include "config/assignment.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <sstream>

namespace restpoint::config {
namespace {

std::string print(const toml::node& node) {
    std::ostringstream out;
    out << toml::toml_formatter{node, toml::format_flags::none};
    return out.str();
}

/// A node as it stands in a message: on one line and not endless.
std::string excerpt(const toml::node& node) {
    if (node.is_table()) {
        return "a table";
    }
    auto text = print(node);
    std::ranges::replace(text, '\n', ' ');
    constexpr std::size_t enough = 120;
    if (text.size() <= enough) {
        return text;
    }
    return text.substr(0, whole_characters(std::string_view(text).substr(0, enough))) + "…";
}

std::string lower_first(std::string_view text) {
    std::string lower(text);
    if (!lower.empty() && lower[0] >= 'A' && lower[0] <= 'Z') {
        lower[0] = static_cast<char>(lower[0] - 'A' + 'a');
    }
    return lower;
}

constexpr std::string_view schedules_section = "schedule";

class toml_reader {
  public:
    toml_reader(const std::string& name, std::span<const key> table) : name_(name), table_(table) {}

    reading read(const toml::table& root) {
        for (const auto& [name, node] : root) {
            const std::string section(name.str());
            const auto* content = node.as_table();
            if (section == schedules_section) {
                read_schedules(node);
            } else if (!is_section(section)) {
                unknown(name, node, section);
            } else if (content == nullptr) {
                wrong_type(node, section, fmt::format("a table: [{}]", section));
            } else {
                read_section(section, *content);
            }
        }
        return std::move(found_);
    }

  private:
    bool is_section(std::string_view name) const {
        return std::ranges::any_of(
            table_, [name](const key& row) { return section_of(row.name) == name; });
    }

    std::string place(const toml::source_region& region) const {
        return fmt::format("{}:{}", name_, region.begin.line);
    }

    void unknown(const toml::key& name, const toml::node& node, const std::string& full) {
        const bool section = full.find('.') == std::string::npos && !node.is_value();
        std::string hint;
        if (section) {
            std::vector<std::string> sections;
            for (const auto& row : table_) {
                sections.emplace_back(section_of(row.name));
            }
            sections.emplace_back(schedules_section);
            const auto best = nearest(full, sections);
            hint = best.empty()                ? suggestion(full, table_)
                   : best == schedules_section ? "did you mean [[schedule]]?"
                                               : fmt::format("did you mean [{}]?", best);
        } else {
            hint = suggestion(full, table_);
        }
        found_.problems.push_back(
            {.where = place(name.source()),
             .detail = fmt::format("unknown {} '{}'", section ? "section" : "key", full),
             .hint = hint});
    }

    void wrong_type(const toml::node& node, const std::string& key, std::string_view allowed) {
        const auto* row = find(key);
        // A map holds variables, and those hold keys and passwords.
        const bool secret =
            row != nullptr && (row->secret == secrecy::secret || row->form == shape::map);
        found_.problems.push_back(
            {.where = place(node.source()),
             .key = key,
             .detail = fmt::format(
                 "{} = {} has the wrong type: it must be {}", key,
                 secret ? "(not shown)" : excerpt(node), allowed)});
    }

    const key* find(std::string_view name) const {
        const auto row = std::ranges::find(table_, name, &key::name);
        return row == table_.end() ? nullptr : &*row;
    }

    void read_section(const std::string& section, const toml::table& content) {
        for (const auto& [name, node] : content) {
            const auto full = fmt::format("{}.{}", section, name.str());
            const auto* row = find(full);
            if (row == nullptr) {
                unknown(name, node, full);
            } else if (row->form == shape::map) {
                read_map(*row, node);
            } else {
                read_value(*row, node);
            }
        }
    }

    void read_value(const key& row, const toml::node& node) {
        value given;
        if (const auto* n = node.as_integer(); n != nullptr && row.form == shape::number) {
            given = n->get();
        } else if (const auto* t = node.as_string(); t != nullptr && row.form == shape::text) {
            given = t->get();
        } else if (const auto* l = node.as_array(); l != nullptr && row.form == shape::list) {
            text_list list;
            for (const auto& element : *l) {
                if (const auto* item = element.as_string()) {
                    list.push_back(item->get());
                } else {
                    return wrong_type(element, row.name, row.allowed);
                }
            }
            given = std::move(list);
        } else {
            return wrong_type(node, row.name, row.allowed);
        }
        found_.assignments.push_back({&row, std::move(given), place(node.source())});
    }

    /// One assignment an entry, so that each has a line of its own.
    void read_map(const key& row, const toml::node& node) {
        const auto* entries = node.as_table();
        if (entries == nullptr) {
            return wrong_type(node, row.name, row.allowed);
        }
        for (const auto& [name, entry] : *entries) {
            const std::string variable(name.str());
            if (const auto* text = entry.as_string()) {
                found_.assignments.push_back(
                    {&row, text_map{{variable, text->get()}}, place(entry.source())});
            } else {
                found_.problems.push_back(
                    {.where = place(entry.source()),
                     .key = row.name,
                     .detail = fmt::format(
                         "{}.{} has the wrong type: it must be a string", row.name, variable),
                     .hint = "write the value in quotes"});
            }
        }
    }

    void read_schedules(const toml::node& node) {
        constexpr std::string_view allowed = "an array of tables: [[schedule]]";
        const auto* all = node.as_array();
        if (all == nullptr) {
            wrong_type(node, std::string(schedules_section), allowed);
            if (node.is_table()) {
                found_.problems.back().hint = "write [[schedule]], in two brackets";
            }
            return;
        }
        for (const auto& element : *all) {
            if (const auto* content = element.as_table()) {
                found_.schedules.push_back(read_schedule(*content));
            } else {
                wrong_type(element, std::string(schedules_section), allowed);
            }
        }
    }

    written_schedule read_schedule(const toml::table& content) const {
        written_schedule one{.where = place(content.source())};
        for (const auto& [name, node] : content) {
            written_key what{
                .name = fmt::format("{}.{}", schedules_section, name.str()),
                .shown = excerpt(node),
                .where = place(name.source())};
            if (const auto* n = node.as_integer()) {
                what.given = n->get();
            } else if (const auto* t = node.as_string()) {
                what.given = t->get();
            } else if (const auto* b = node.as_boolean()) {
                what.given = b->get();
            }
            one.keys.push_back(std::move(what));
        }
        return one;
    }

    const std::string& name_;
    std::span<const key> table_;
    reading found_;
};

} // namespace

reading read_toml(std::string_view document, const std::string& name, std::span<const key> table) {
    // The library of the distribution is built with exceptions; they end here.
    try {
        const auto root = toml::parse(document, name);
        return toml_reader(name, table).read(root);
    } catch (const toml::parse_error& wrong) {
        return {
            .problems =
                {{.where = fmt::format("{}:{}", name, wrong.source().begin.line),
                  .detail = fmt::format("this is not TOML: {}", lower_first(wrong.description())),
                  .hint = "nothing else in this file was looked at"}},
            .complete = false};
    }
}

std::string toml_text(const std::string& text) {
    return print(toml::value<std::string>(text));
}

std::string toml_text(const value& v) {
    if (const auto* b = std::get_if<bool>(&v)) {
        return *b ? "true" : "false";
    }
    if (const auto* n = std::get_if<std::int64_t>(&v)) {
        return fmt::format("{}", *n);
    }
    if (const auto* t = std::get_if<std::string>(&v)) {
        return toml_text(*t);
    }
    std::string inside;
    if (const auto* list = std::get_if<text_list>(&v)) {
        for (const auto& item : *list) {
            inside += (inside.empty() ? "" : ", ") + toml_text(item);
        }
        return "[" + inside + "]";
    }
    if (const auto* map = std::get_if<text_map>(&v)) {
        for (const auto& [name, item] : *map) {
            inside += fmt::format(
                "{}{} = {}", inside.empty() ? "" : ", ", toml_text(name), toml_text(item));
        }
        return inside.empty() ? "{}" : "{ " + inside + " }";
    }
    return {};
}

} // namespace restpoint::config
