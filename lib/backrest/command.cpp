#include "backrest/command.hpp"

#include "backrest/label.hpp"
#include "base/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <system_error>
#include <utility>

namespace restpoint::backrest {

namespace {

constexpr std::array<std::string_view, 3> type_names{"full", "diff", "incr"};

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool consists_of(std::string_view text, std::string_view extra) {
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return is_letter_or_digit(c) || extra.find(c) != extra.npos;
    });
}

using argv = std::vector<std::string>;

void add_job_options(argv& to, const invocation& how) {
    to.push_back("--stanza=" + how.stanza);
    to.insert(
        to.end(), {"--log-level-console=detail", "--log-level-stderr=off", "--log-level-file=off"});
}

void add_quiet_options(argv& to) {
    to.insert(
        to.end(), {"--log-level-console=off", "--log-level-stderr=off", "--log-level-file=off"});
}

/// Adds the options and the word of one command.
struct add_command {
    argv& to;
    const invocation& how;

    void operator()(const backup& what) const {
        add_job_options(to, how);
        to.push_back(fmt::format("--type={}", to_string(what.type)));
        annotations(what.annotations);
        repo(what.repo);
        for (const auto& path : what.excludes) {
            to.push_back("--exclude=" + path);
        }
        if (!what.expires) {
            to.emplace_back("--no-expire-auto");
        }
        to.emplace_back("backup");
    }
    void operator()(const stanza_create&) const { job("stanza-create"); }
    void operator()(const stanza_upgrade&) const { job("stanza-upgrade"); }
    void operator()(const check&) const { job("check"); }
    void operator()(const expire& what) const {
        add_job_options(to, how);
        set(what.set);
        if (what.dry_run) {
            to.emplace_back("--dry-run");
        }
        repo(what.repo);
        to.emplace_back("expire");
    }
    void operator()(const annotate& what) const {
        add_job_options(to, how);
        set(what.set);
        annotations(what.annotations);
        repo(what.repo);
        to.emplace_back("annotate");
    }
    void operator()(const verify& what) const {
        add_job_options(to, how);
        repo(what.repo);
        to.emplace_back("--output=text");
        to.emplace_back("verify");
    }
    void operator()(const info& what) const {
        if (!how.stanza.empty()) {
            to.push_back("--stanza=" + how.stanza);
        }
        add_quiet_options(to);
        look();
        repo(what.repo);
        set(what.set);
        to.emplace_back(what.output == info::format::json ? "--output=json" : "--output=text");
        to.emplace_back("info");
    }
    void operator()(const repo_ls& what) const {
        repo_command("repo-ls", what.repo, what.path);
        if (what.recurse) {
            to.emplace_back("--recurse");
        }
        if (!what.filter.empty()) {
            to.push_back("--filter=" + what.filter);
        }
        to.emplace_back("--output=json");
    }
    void operator()(const repo_put& what) const { repo_command("repo-put", {}, what.path); }
    void operator()(const repo_rm& what) const {
        repo_command("repo-rm", {}, what.path);
        to.emplace_back("--recurse");
    }
    void operator()(const repo_get& what) const { repo_command("repo-get", what.repo, what.path); }
    /// No option at all: newer ones refuse those for the log here, as not valid (seen in 2.55).
    void operator()(const version&) const { to.emplace_back("version"); }

    void annotations(const std::map<std::string, std::string>& all) const {
        for (const auto& [key, value] : all) {
            to.push_back(fmt::format("--annotation={}={}", key, value));
        }
    }
    void set(const std::string& label) const {
        if (!label.empty()) {
            to.push_back("--set=" + label);
        }
    }
    void operator()(const restore& what) const {
        add_job_options(to, how);
        if (!what.into.empty()) {
            to.push_back("--pg1-path=" + what.into.native());
        }
        repo(what.repo);
        to.push_back("--set=" + what.set);
        to.push_back(fmt::format("--type={}", to_option(what.to)));
        if (!what.target.empty()) {
            to.push_back("--target=" + what.target);
        }
        if (what.to != restore::type::immediate && what.to != restore::type::none) {
            to.push_back(fmt::format("--target-timeline={}", what.timeline));
        }
        if (what.to != restore::type::latest && what.to != restore::type::none) {
            to.emplace_back("--target-action=promote");
        }
        if (what.delta) {
            to.emplace_back("--delta");
        }
        if (what.link_all) {
            to.emplace_back("--link-all");
        }
        for (const auto& [link, directory] : what.links) {
            to.push_back(fmt::format("--link-map={}={}", link, directory.native()));
        }
        if (!what.lock_path.empty()) {
            to.push_back("--lock-path=" + what.lock_path.native());
        }
        for (const auto& [oid, directory] : what.tablespaces) {
            to.push_back(fmt::format("--tablespace-map={}={}", oid, directory.native()));
        }
        for (const auto& name : what.databases) {
            to.push_back("--db-include=" + name);
        }
        to.emplace_back("restore");
    }

    static std::string_view to_option(restore::type type) {
        constexpr std::array<std::string_view, 7> names{"default", "time",      "lsn", "xid",
                                                        "name",    "immediate", "none"};
        return names.at(static_cast<std::size_t>(type));
    }
    void repo(const std::optional<int>& number) const {
        if (number) {
            to.push_back(fmt::format("--repo={}", *number));
        }
    }
    void look() const {
        if (how.look_timeout) {
            to.push_back(fmt::format("--io-timeout={}", how.look_timeout->count()));
        }
    }
    void repo_command(
        std::string_view word, const std::optional<int>& number, const std::string& path) const {
        to.push_back("--stanza=" + how.stanza);
        to.insert(
            to.end(),
            {"--log-level-console=off", "--log-level-stderr=error", "--log-level-file=off"});
        look();
        repo(number);
        to.emplace_back(word);
        to.push_back(path);
    }
    void job(std::string_view word) const {
        add_job_options(to, how);
        to.emplace_back(word);
    }
};

bool needs_no_quotes(std::string_view word) {
    // NAME=value in front of a command would be an assignment.
    return !word.empty() && consists_of(word, "-_./:=,+@") &&
           (word.front() == '-' || word.find('=') == word.npos);
}

std::string shell_quoted(std::string_view word) {
    std::string text = "'";
    for (const char c : word) {
        text += c == '\'' ? std::string_view{"'\\''"} : std::string_view{&c, 1};
    }
    return text + '\'';
}

/// For messages: the value with what cannot be shown as '?', and not all of a long one.
std::string shown(std::string_view value) {
    constexpr std::size_t most = 64;
    std::string text;
    for (const char c : value.substr(0, most)) {
        text += c >= 0x20 && c < 0x7F ? c : '?';
    }
    return value.size() > most ? text + "..." : text;
}

failure refuse(std::string detail, std::string hint) {
    return {errc::invalid, std::move(detail), std::move(hint)};
}

result<> validate_annotation(std::string_view key, std::string_view value) {
    constexpr std::size_t longest_key = 64;
    constexpr std::size_t longest_value = 512;
    if (key.empty() || key.size() > longest_key || !consists_of(key, "_-")) {
        return refuse(
            fmt::format("annotation key '{}' is not allowed", shown(key)),
            "use 1 to 64 letters, digits, '-' and '_'");
    }
    if (value.size() > longest_value) {
        return refuse(
            fmt::format(
                "the value of annotation '{}' has {} bytes, more than {}", key, value.size(),
                longest_value),
            "shorten the value");
    }
    for (auto rest = value; !rest.empty();) {
        const auto size = utf8_sequence(rest);
        if (size == 0 || starts_with_control(rest)) {
            return refuse(
                fmt::format(
                    "the value '{}' of annotation '{}' {} at byte {}", shown(value), key,
                    size == 0 ? "is not UTF-8" : "has a control character",
                    value.size() - rest.size()),
                "use UTF-8 text without line ends and other control characters");
        }
        rest.remove_prefix(size);
    }
    return {};
}

result<> validate_annotations(const std::map<std::string, std::string>& all) {
    constexpr std::size_t most = 32; // each is an argument, and stands in every listing
    if (all.size() > most) {
        return refuse(
            fmt::format("{} annotations are too many", all.size()),
            fmt::format("give at most {}", most));
    }
    for (const auto& [key, value] : all) {
        if (auto checked = validate_annotation(key, value); !checked) {
            return checked;
        }
    }
    return {};
}

} // namespace

std::string_view to_string(backup_type type) {
    return type_names[static_cast<std::size_t>(type)];
}

std::optional<backup_type> parse_backup_type(std::string_view text) {
    const auto* const found = std::find(type_names.begin(), type_names.end(), text);
    if (found == type_names.end()) {
        return std::nullopt;
    }
    return static_cast<backup_type>(found - type_names.begin());
}

std::vector<std::string> to_argv(const invocation& how, const command& what) {
    argv words{how.binary};
    if (!std::holds_alternative<version>(what)) {
        words.push_back("--config=" + how.config.string());
    }
    std::visit(add_command{words, how}, what);
    return words;
}

std::optional<std::chrono::seconds> look_timeout(const std::optional<std::string>& configured) {
    constexpr std::chrono::seconds wanted{5};
    constexpr std::uint64_t milliseconds = 1000;
    if (!configured) {
        return wanted;
    }
    std::uint64_t number = 0;
    const auto* const end = configured->data() + configured->size();
    const auto [rest, error] = std::from_chars(configured->data(), end, number);
    const std::string_view unit{rest, end};
    const bool in_milliseconds = unit == "ms";
    const bool in_seconds = unit.empty() || unit == "s" || unit.front() == '.';
    const auto limit =
        static_cast<std::uint64_t>(wanted.count()) * (in_milliseconds ? milliseconds : 1);
    const bool is_short = (in_seconds || in_milliseconds) && number <= limit;
    return error == std::errc{} && is_short ? std::nullopt : std::optional(wanted);
}

result<std::string> archive_path(std::string_view stanza, std::string_view id) {
    constexpr std::size_t longest = 32;
    constexpr std::string_view characters = "0123456789.-";
    if (id.empty() || id.size() > longest || id.front() < '0' || id.front() > '9' ||
        id.find_first_not_of(characters) != id.npos) {
        return refuse(
            fmt::format("'{}' is not an archive's id", shown(id)),
            "pgbackrest info names archives by PostgreSQL's version and a number, as in 15-1");
    }
    return fmt::format("archive/{}/{}", stanza, id);
}

std::string to_shell(const std::vector<std::string>& argv) {
    std::string line;
    for (const auto& word : argv) {
        line += line.empty() ? "" : " ";
        line += needs_no_quotes(word) ? word : shell_quoted(word);
    }
    return line;
}

result<> validate_stanza(std::string_view name) {
    constexpr std::size_t longest = 64;
    if (name.empty() || name.size() > longest || !is_letter_or_digit(name.front()) ||
        !consists_of(name, "-_.")) {
        return refuse(
            fmt::format("stanza '{}' is not a stanza's name", shown(name)),
            "use up to 64 letters, digits, '-', '_' and '.', a letter or digit first");
    }
    return {};
}

result<> validate_repo(int number) {
    constexpr int last_repo = 256;
    if (number < 1 || number > last_repo) {
        return refuse(
            fmt::format("repo {} is not a repo's number", number),
            "use the number of a repo in pgbackrest.conf, 1 to 256");
    }
    return {};
}

namespace {

result<> validate_choice(const std::optional<int>& repo) {
    return repo ? validate_repo(*repo) : result<>{};
}

} // namespace

result<> validate(const backup& what) {
    if (auto good = validate_choice(what.repo); !good) {
        return good;
    }
    return validate_annotations(what.annotations);
}

result<> validate(const expire& what) {
    if (auto good = validate_choice(what.repo); !good) {
        return good;
    }
    return what.set.empty() ? result<>{} : validate_label(what.set);
}

result<> validate(const annotate& what) {
    if (auto good = validate_choice(what.repo); !good) {
        return good;
    }
    if (auto good = validate_label(what.set); !good) {
        return good;
    }
    if (what.annotations.empty()) {
        return refuse(
            "there is no annotation to change", R"(name one at least: {"ticket": "OPS-7"})");
    }
    return validate_annotations(what.annotations);
}

} // namespace restpoint::backrest
