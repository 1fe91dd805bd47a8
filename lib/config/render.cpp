#include "config/render.hpp"

#include "config/assignment.hpp"
#include "config/constraint.hpp"

#include <fmt/format.h>

#include <iterator>

namespace restpoint::config {
namespace {

constexpr std::string_view mask = "********";

/// A place as a comment may hold it: a path can contain anything but NUL.
std::string comment_text(std::string text) {
    for (auto& c : text) {
        c = static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    }
    return text;
}

std::string source_of(const std::map<std::string, std::string>& sources, const std::string& key) {
    const auto found = sources.find(key);
    return found == sources.end() ? "default" : comment_text(found->second);
}

std::string show_map(const loaded& what, const key& row, const text_map& entries) {
    std::string text = entries.empty() ? "" : fmt::format("\n[{}]\n", row.name);
    for (const auto& [name, content] : entries) {
        const auto source = source_of(what.sources, row.name + "." + name);
        text += holds_secret(name)
                    ? fmt::format("#{} = \"{}\"  # {}\n", name, mask, source)
                    : fmt::format("{} = {}  # {}\n", name, toml_text(content), source);
    }
    return text;
}

std::string show_value(
    const std::string& name, secrecy secret, const value& now, const std::string& source) {
    const auto leaf = leaf_of(name);
    if (std::holds_alternative<std::monostate>(now)) {
        return fmt::format("#{} is not set  # {}\n", leaf, source);
    }
    if (secret == secrecy::secret) {
        return fmt::format("#{} = \"{}\"  # {}\n", leaf, mask, source);
    }
    return fmt::format("{} = {}  # {}\n", leaf, toml_text(now), source);
}

std::string show_key(const loaded& what, const key& row) {
    const auto now = row.get(what.values);
    if (const auto* entries = std::get_if<text_map>(&now)) {
        return show_map(what, row, *entries);
    }
    return show_value(row.name, row.secret, now, source_of(what.sources, row.name));
}

std::string show_schedule(const schedule_entry& what) {
    std::string text = "\n[[schedule]]\n";
    for (const auto& row : schedule_keys()) {
        text += show_value(row.name, row.secret, row.get(what), source_of(what.sources, row.name));
    }
    return text;
}

/// `text` in lines of at most 96 columns, each behind "# ".
std::string as_comment(std::string_view text) {
    constexpr std::size_t width = 96;
    std::string out;
    std::string line = "#";
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        const auto word = text.substr(0, end);
        if (line.size() > 1 && line.size() + 1 + word.size() > width) {
            out += line + "\n";
            line = "#";
        }
        line += fmt::format(" {}", word);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out + line + "\n";
}

/// Empty when there is none.
template <class Target>
std::string default_text(const basic_key<Target>& row) {
    const auto initial = row.get(Target{});
    const bool none =
        row.needed == presence::required || std::holds_alternative<std::monostate>(initial);
    return none ? "" : toml_text(initial);
}

template <class Target>
std::string example_of(const basic_key<Target>& row) {
    const auto explained = row.help + " Allowed: " + row.allowed + ".";
    if (row.form == shape::map) {
        return fmt::format("{}[{}]\n#{}\n", as_comment(explained), row.name, row.example);
    }
    const auto initial = default_text(row);
    const auto* const absent =
        row.needed == presence::required ? " Must be given." : " Not set by default.";
    return initial.empty()
               ? fmt::format(
                     "{}#{} = {}\n", as_comment(explained + absent), leaf_of(row.name), row.example)
               : fmt::format("{}#{} = {}\n", as_comment(explained), leaf_of(row.name), initial);
}

std::string example_schedule() {
    std::string text =
        "\n# Schedules stand in this file only, as many as you like, each under a [[schedule]] of "
        "its\n"
        "# own. As long as there is none, the variables PG_BACKUP_TIME, PG_BACKUP_TIME_SUN and so "
        "on\n"
        "# make them. 'restpoint schedule show' tells when each runs next.\n"
        "#[[schedule]]";
    for (const auto& row : schedule_keys()) {
        text += "\n" + example_of(row);
    }
    return text;
}

std::string cell(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out += c == '|' ? "\\|" : std::string(1, c);
    }
    return out;
}

template <class Target>
std::string table_row(const basic_key<Target>& row) {
    const auto initial = row.form == shape::map ? "" : default_text(row);
    const auto* const absent = row.needed == presence::required ? "must be given" : "not set";
    return fmt::format(
        "| `{}` | {} | {} | {} |\n", row.name,
        initial.empty() ? absent : fmt::format("`{}`", initial), cell(row.allowed), cell(row.help));
}

/// A value as it is typed behind a flag.
std::string flag_text(const key& row) {
    const auto initial = row.get(settings{});
    if (const auto* text = std::get_if<std::string>(&initial)) {
        return *text;
    }
    if (const auto* number = std::get_if<std::int64_t>(&initial)) {
        return fmt::format("{}", *number);
    }
    std::string text = row.form == shape::list ? "NAME,NAME" : row.example;
    std::erase(text, '"');
    return text;
}

} // namespace

std::string render_show(const loaded& what, std::span<const key> table) {
    std::string text;
    std::string_view section;
    for (const auto& row : table) {
        if (section_of(row.name) != section) {
            text += text.empty() ? "" : "\n";
            section = section_of(row.name);
            text += fmt::format("[{}]\n", section);
        }
        text += show_key(what, row);
    }
    for (const auto& schedule : what.values.schedules) {
        text += show_schedule(schedule);
    }
    return text;
}

std::string render_table(std::span<const key> table) {
    constexpr std::string_view head = "| Key | Default | Allowed | Meaning |\n|---|---|---|---|\n";
    std::string text(head);
    for (const auto& row : table) {
        text += table_row(row);
    }
    text += fmt::format("\nUnder each `[[schedule]]`, in the file only:\n\n{}", head);
    for (const auto& row : schedule_keys()) {
        text += table_row(row);
    }
    return text;
}

std::string render_example(std::span<const key> table) {
    std::string text =
        "# The configuration of restpoint, usually /etc/restpoint/restpoint.toml. Every key "
        "stands\n"
        "# here, commented out, at its default. Each can also be set in the environment\n"
        "# (server.listen as RESTPOINT_SERVER_LISTEN) and by a flag (--server.listen=...); flags "
        "win\n"
        "# over the environment, the environment wins over this file. Lists are separated by "
        "commas\n"
        "# there. 'restpoint config check' finds mistakes, 'restpoint config show' tells what "
        "holds\n"
        "# and why. SIGHUP has schedules and state.keep_... read again; other changes take effect "
        "at\n"
        "# the next start.\n";
    std::string_view section;
    for (const auto& row : table) {
        if (section_of(row.name) != section) {
            section = section_of(row.name);
            text += fmt::format("\n[{}]\n", section);
        } else {
            text += "\n";
        }
        text += example_of(row);
    }
    return text + example_schedule();
}

std::string render_flags(std::span<const key> table) {
    std::string text = "  --config=FILE\n";
    for (const auto& row : table) {
        if (row.form != shape::map && row.secret == secrecy::open) {
            text += fmt::format("  --{}={}\n", row.name, flag_text(row));
        }
    }
    return text;
}

} // namespace restpoint::config
