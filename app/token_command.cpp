#include "token_command.hpp"

#include "auth/lifetime.hpp"
#include "auth/secrets.hpp"
#include "auth/token_file.hpp"
#include "configuration.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <map>
#include <string_view>
#include <vector>

namespace restpoint {
namespace {

namespace fs = std::filesystem;

/// The exit code for what another try cannot mend.
constexpr int wrong = 2;

int usage(std::string_view what) {
    fmt::print(
        stderr,
        "restpoint: {}; there are: token create --name NAME --role viewer|operator|admin "
        "[--expires-in 365d], token list, token revoke NAME\n",
        what);
    return wrong;
}

int report(const failure& why) {
    fmt::print(stderr, "restpoint: {}\n", why.detail);
    if (!why.hint.empty()) {
        fmt::print(stderr, "  {}\n", why.hint);
    }
    return why.code == errc::invalid ? wrong : 1;
}

/// A command line without what belongs to this command; the rest is the configuration's.
struct command_line {
    std::map<std::string, std::string> own = {};
    std::vector<std::string> flags = {};
    std::string problem = {};
};

/// `--name=x` and `--name x`.
command_line split(std::span<const std::string> arguments, std::span<const std::string_view> own) {
    command_line found;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& argument = arguments[i];
        const auto equals = std::min(argument.find('='), argument.size());
        const auto flag = argument.substr(0, equals);
        if (std::ranges::find(own, flag) == own.end()) {
            found.flags.push_back(argument);
            continue;
        }
        const bool adjacent = equals < argument.size();
        if (!adjacent && i + 1 == arguments.size()) {
            found.problem = fmt::format("{} needs a value", flag);
            return found;
        }
        const auto value = adjacent ? argument.substr(equals + 1) : arguments[++i];
        if (!found.own.emplace(flag, value).second) {
            found.problem = fmt::format("{} is there twice", flag);
            return found;
        }
    }
    return found;
}

/// Who may put what they like into the folder of the file: its owner. Links of root's are followed,
/// since root's word is good; one of anybody else's could lead anywhere.
result<struct stat> look_at_folder(const fs::path& file) {
    const auto folder = file.parent_path();
    struct stat about{};
    const bool there = ::lstat(folder.c_str(), &about) == 0;
    const bool follow = there && S_ISLNK(about.st_mode) && about.st_uid == 0;
    if (!there || (follow && ::stat(folder.c_str(), &about) != 0)) {
        return failure{
            errc::not_found, fmt::format("there is no folder '{}' yet", folder.native()),
            "start restpoint once, or run this as the user that restpoint runs as"};
    }
    return about;
}

/// From here on root is the owner of the folder, who could otherwise have root write through a link
/// that it planted there. In a folder of root's root is the owner of the file: a new one of root's is
/// one that restpoint could not read.
result<> step_down(const fs::path& file) {
    if (::geteuid() != 0) {
        return {};
    }
    auto about = look_at_folder(file);
    if (!about) {
        return about.error();
    }
    struct stat own{};
    if (about->st_uid == 0 && ::lstat(file.c_str(), &own) == 0) {
        *about = own;
    }
    if (::setgroups(1, &about->st_gid) != 0 || ::setegid(about->st_gid) != 0 ||
        ::seteuid(about->st_uid) != 0) {
        return system_failure(fmt::format("cannot become the owner of '{}'", file.native()), errno);
    }
    return {};
}

/// The tokens file that the configuration names, or the exit code.
std::optional<fs::path> find_file(std::span<const std::string> flags, int& exit_code) {
    const auto found = load_configuration(flags).loaded;
    if (!found.problems.empty()) {
        exit_code = report_problems(found);
        return std::nullopt;
    }
    auto file = tokens_file_of(found.values);
    if (const auto done = step_down(file); !done) {
        exit_code = report(done.error());
        return std::nullopt;
    }
    return file;
}

std::string shown_expiry(const auth::token_record& token, wall_time now) {
    if (!token.expires) {
        return "never";
    }
    return rfc3339(*token.expires) + (token.is_expired(now) ? " (expired)" : "");
}

struct wanted_token {
    std::string name = {};
    auth::role role = auth::role::viewer;
    std::optional<std::chrono::seconds> lifetime = {};
};

result<wanted_token> read_wishes(std::map<std::string, std::string>& given) {
    wanted_token wanted;
    wanted.name = given["--name"];
    if (!auth::is_token_name(wanted.name)) {
        return failure{
            errc::invalid, fmt::format("--name '{}' is no name for a token", wanted.name),
            "letters, digits, '-', '_' and '.', first a letter or digit, at most 64"};
    }
    const auto role = auth::parse_role(given["--role"]);
    if (!role) {
        return failure{
            errc::invalid, fmt::format("--role '{}' is no role", given["--role"]),
            "viewer looks, operator makes and stops backups, admin may do everything"};
    }
    wanted.role = *role;
    const auto lifetime =
        auth::parse_lifetime(given.contains("--expires-in") ? given["--expires-in"] : "365d");
    if (!lifetime) {
        return lifetime.error();
    }
    wanted.lifetime = *lifetime;
    return wanted;
}

int create(std::span<const std::string> arguments) {
    constexpr std::array<std::string_view, 3> own{"--name", "--role", "--expires-in"};
    auto given = split(arguments, own);
    if (!given.problem.empty()) {
        return usage(given.problem);
    }
    for (const auto* const needed : {"--name", "--role"}) {
        if (!given.own.contains(needed)) {
            return usage(fmt::format("token create needs {}", needed));
        }
    }
    const auto wanted = read_wishes(given.own);
    if (!wanted) {
        return report(wanted.error());
    }
    int exit_code = 0;
    const auto file = find_file(given.flags, exit_code);
    if (!file) {
        return exit_code;
    }
    const auto bits = auth::draw_token_bits();
    const auto token = auth::make_token(bits);
    auth::token_record record;
    record.id = *auth::id_of(token);
    record.name = wanted->name;
    record.role = wanted->role;
    record.created = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    if (wanted->lifetime) {
        record.expires = record.created + *wanted->lifetime;
    }
    record.hash = auth::sha256_hex(token);
    const auto written = auth::edit_token_file(
        *file, [&record](auth::token_table& table) { return table.add(record); });
    if (!written) {
        return report(written.error());
    }
    fmt::print("{}\n", token);
    fmt::print(
        stderr, "token '{}' ({}) expires: {}; it is shown this once and cannot be shown again\n",
        record.name, to_string(record.role), shown_expiry(record, record.created));
    return 0;
}

int list(std::span<const std::string> flags) {
    int exit_code = 0;
    const auto file = find_file(flags, exit_code);
    if (!file) {
        return exit_code;
    }
    const auto table = auth::read_token_file(*file);
    if (!table && table.error().code != errc::not_found) {
        return report(table.error());
    }
    if (!table || table->records().empty()) {
        fmt::print(stderr, "there are no tokens in '{}'\n", file->native());
        return 0;
    }
    const auto now = std::chrono::system_clock::now();
    std::size_t width = 4;
    for (const auto& token : table->records()) {
        width = std::max(width, token.name.size());
    }
    fmt::print("{:<{}}  {:<8}  {:<24}  {}\n", "NAME", width, "ROLE", "CREATED", "EXPIRES");
    for (const auto& token : table->records()) {
        fmt::print(
            "{:<{}}  {:<8}  {:<24}  {}\n", token.name, width, to_string(token.role),
            rfc3339(token.created), shown_expiry(token, now));
    }
    return 0;
}

int revoke(std::span<const std::string> arguments) {
    if (arguments.empty() || arguments.front().starts_with('-')) {
        return usage("token revoke needs the name of a token");
    }
    const auto& name = arguments.front();
    int exit_code = 0;
    const auto file = find_file(arguments.subspan(1), exit_code);
    if (!file) {
        return exit_code;
    }
    const auto written = auth::revoke_token(*file, name);
    if (!written) {
        return report(written.error());
    }
    fmt::print(stderr, "token '{}' is revoked\n", name);
    return 0;
}

} // namespace

int run_token(std::span<const std::string> arguments) {
    if (arguments.empty()) {
        return usage("token needs a subcommand");
    }
    const auto rest = arguments.subspan(1);
    if (arguments.front() == "create") {
        return create(rest);
    }
    if (arguments.front() == "list") {
        return list(rest);
    }
    if (arguments.front() == "revoke") {
        return revoke(rest);
    }
    return usage(fmt::format("unknown subcommand 'token {}'", arguments.front()));
}

} // namespace restpoint
