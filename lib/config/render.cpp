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

std::string source_of(const loaded& what, const std::string& key) {
    const auto found = what.sources.find(key);
    return found == what.sources.end() ? "default" : comment_text(found->second);
}

std::string show_map(const loaded& what, const key& row, const text_map& entries) {
    std::string text = entries.empty() ? "" : fmt::format("\n[{}]\n", row.name);
    for (const auto& [name, content] : entries) {
        const auto source = source_of(what, row.name + "." + name);
        text += holds_secret(name)
                    ? fmt::format("#{} = \"{}\"  # {}\n", name, mask, source)
                    : fmt::format("{} = {}  # {}\n", name, toml_text(content), source);
    }
    return text;
}

std::string show_key(const loaded& what, const key& row) {
    const auto now = row.get(what.values);
    const auto leaf = leaf_of(row.name);
    const auto source = source_of(what, row.name);
    if (const auto* entries = std::get_if<text_map>(&now)) {
        return show_map(what, row, *entries);
    }
    if (std::holds_alternative<std::monostate>(now)) {
        return fmt::format("#{} is not set  # {}\n", leaf, source);
    }
    if (row.secret == secrecy::secret) {
        return fmt::format("#{} = \"{}\"  # {}\n", leaf, mask, source);
    }
    return fmt::format("{} = {}  # {}\n", leaf, toml_text(now), source);
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

std::string default_text(const key& row) {
    const auto initial = row.get(settings{});
    return std::holds_alternative<std::monostate>(initial) ? "" : toml_text(initial);
}

std::string example_of(const key& row) {
    const auto explained = row.help + " Allowed: " + row.allowed + ".";
    if (row.form == shape::map) {
        return fmt::format("{}[{}]\n#{}\n", as_comment(explained), row.name, row.example);
    }
    const auto initial = default_text(row);
    return initial.empty()
               ? fmt::format(
                     "{}#{} = {}\n", as_comment(explained + " Not set by default."),
                     leaf_of(row.name), row.example)
               : fmt::format("{}#{} = {}\n", as_comment(explained), leaf_of(row.name), initial);
}

std::string cell(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out += c == '|' ? "\\|" : std::string(1, c);
    }
    return out;
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
    return text;
}

std::string render_table(std::span<const key> table) {
    std::string text = "| Key | Default | Allowed | Meaning |\n|---|---|---|---|\n";
    for (const auto& row : table) {
        const auto initial = row.form == shape::map ? "" : default_text(row);
        text += fmt::format(
            "| `{}` | {} | {} | {} |\n", row.name,
            initial.empty() ? "not set" : fmt::format("`{}`", initial), cell(row.allowed),
            cell(row.help));
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
        "# and why. Changes take effect at the next start.\n";
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
    return text;
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
