#include "config/constraint.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace restpoint::config {
namespace {

bool is_alnum(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool only(std::string_view text, std::string_view extra) {
    return std::ranges::all_of(
        text, [extra](char c) { return is_alnum(c) || extra.find(c) != std::string_view::npos; });
}

bool is_ip(const std::string& text) {
    in6_addr buffer{};
    return ::inet_pton(AF_INET, text.c_str(), &buffer) == 1 ||
           ::inet_pton(AF_INET6, text.c_str(), &buffer) == 1;
}

} // namespace

std::optional<endpoint> parse_endpoint(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || text.find('\0') != std::string_view::npos) {
        return {};
    }
    auto address = text.substr(0, colon);
    const auto port = text.substr(colon + 1);
    const bool bracketed = address.size() > 2 && address.front() == '[' && address.back() == ']';
    if (bracketed) {
        address = address.substr(1, address.size() - 2);
    }
    endpoint found{std::string(address)};
    in6_addr buffer{};
    if (::inet_pton(bracketed ? AF_INET6 : AF_INET, found.address.c_str(), &buffer) != 1) {
        return {};
    }
    const auto* end = port.data() + port.size();
    const auto [stop, error] = std::from_chars(port.data(), end, found.port);
    if (port.empty() || error != std::errc{} || stop != end) {
        return {};
    }
    return found;
}

std::string to_string(const endpoint& where) {
    const bool v6 = where.address.find(':') != std::string::npos;
    return v6 ? fmt::format("[{}]:{}", where.address, where.port)
              : fmt::format("{}:{}", where.address, where.port);
}

bool is_loopback(const std::string& address) {
    in_addr v4{};
    if (::inet_pton(AF_INET, address.c_str(), &v4) == 1) {
        return (ntohl(v4.s_addr) >> 24U) == 127;
    }
    in6_addr v6{};
    if (::inet_pton(AF_INET6, address.c_str(), &v6) != 1) {
        return false;
    }
    return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
}

bool is_host(std::string_view text) {
    if (text.empty() || text.size() > 253 || text.find('\0') != std::string_view::npos) {
        return false;
    }
    if (is_ip(std::string(text))) {
        return true;
    }
    return only(text, "-_.") && is_alnum(text.front()) && text.find("..") == std::string_view::npos;
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 64 && is_alnum(text.front()) && only(text, "-_.");
}

bool is_plain(std::string_view text, std::size_t limit) {
    return !text.empty() && text.size() <= limit && std::ranges::none_of(text, is_control);
}

bool is_absolute(std::string_view text) {
    constexpr std::size_t longest = 4095; // PATH_MAX without its end
    return is_plain(text, longest) && text.front() == '/';
}

bool is_socket_path(std::string_view text) {
    constexpr std::size_t longest = 107; // of sockaddr_un, without the end
    return is_absolute(text) && text.size() <= longest;
}

std::optional<certificate_role> parse_certificate_role(std::string_view text) {
    const auto equals = text.rfind('='); // a name may hold one, a role does not
    if (equals == std::string_view::npos) {
        return {};
    }
    certificate_role found;
    found.role = text.substr(equals + 1);
    auto name = text.substr(0, equals);
    constexpr std::array kinds = {"CN", "DNS", "email", "URI"};
    const auto colon = name.find(':');
    if (colon != std::string_view::npos) {
        const auto kind = std::ranges::find(kinds, name.substr(0, colon));
        if (kind == kinds.end()) {
            return {};
        }
        found.kind = *kind;
        name.remove_prefix(colon + 1);
    }
    found.name = name;
    constexpr std::array roles = {"viewer", "operator", "admin"};
    constexpr std::size_t longest = 255;
    if (!is_plain(name, longest) || std::ranges::find(roles, found.role) == roles.end()) {
        return {};
    }
    return found;
}

std::string to_string(const certificate_role& what) {
    const bool usual = what.kind == "CN" && what.name.find(':') == std::string::npos;
    return fmt::format("{}{}={}", usual ? "" : what.kind + ":", what.name, what.role);
}

bool is_variable(std::string_view name) {
    return !name.empty() && only(name, "_") && (name.front() < '0' || name.front() > '9');
}

std::optional<std::string> why_refused(std::string_view variable) {
    if (variable == "PGBACKREST_STANZA") {
        return "set pgbackrest.stanza";
    }
    if (variable == "PGBACKREST_CONFIG" || variable == "PGBACKREST_CONFIG_PATH") {
        return "set pgbackrest.config";
    }
    if (variable.starts_with("PGBACKREST_LOG_LEVEL_") || variable == "PGBACKREST_LOG_TIMESTAMP") {
        return "restpoint reads pgBackRest's log and chooses its form; log.level is about "
               "restpoint's own";
    }
    constexpr std::array per_command = {
        "PGBACKREST_ANNOTATION", "PGBACKREST_DRY_RUN", "PGBACKREST_FORCE", "PGBACKREST_OUTPUT",
        "PGBACKREST_REPO",       "PGBACKREST_SET",     "PGBACKREST_TYPE"};
    if (std::ranges::find(per_command, variable) != per_command.end()) {
        return "this belongs to a single command, and the one who asks for a job chooses it";
    }
    if (variable.starts_with("RESTPOINT_")) {
        return "set the key itself; children take no settings of restpoint";
    }
    return {};
}

bool holds_secret(std::string_view variable) {
    std::string upper(variable);
    std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
    constexpr std::array telling = {"PASS", "KEY", "SECRET", "TOKEN"};
    return std::ranges::any_of(
        telling, [&](const char* word) { return upper.find(word) != std::string::npos; });
}

} // namespace restpoint::config
