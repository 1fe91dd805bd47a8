#include "postgres/refusal.hpp"

#include <algorithm>

namespace restpoint::postgres {

namespace {

constexpr std::size_t sqlstate_size = 5;

bool is_sqlstate(std::string_view text) {
    return text.size() == sqlstate_size && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
           });
}

} // namespace

std::optional<std::string> sqlstate_of(std::string_view message) {
    // "SEVERITY:  SQLSTATE: text" (libpq, pqBuildErrorMessage3).
    constexpr std::string_view before = ":  ";
    for (auto at = message.find(before); at != message.npos; at = message.find(before, at + 1)) {
        const auto rest = message.substr(at + before.size());
        const auto code = rest.substr(0, sqlstate_size);
        if (is_sqlstate(code) && rest.substr(sqlstate_size).starts_with(": ")) {
            return std::string(code);
        }
    }
    return std::nullopt;
}

server_state state_of_refusal(std::string_view sqlstate) {
    const bool on_its_way = sqlstate == "57P01" || // admin_shutdown
                            sqlstate == "57P02" || // crash_shutdown
                            sqlstate == "57P03";   // cannot_connect_now
    return on_its_way ? server_state::starting : server_state::running;
}

std::string one_line(std::string_view message) {
    std::string line;
    while (!message.empty()) {
        const auto end = std::min(message.find('\n'), message.size());
        auto part = message.substr(0, end);
        message.remove_prefix(std::min(end + 1, message.size()));
        part.remove_prefix(std::min(part.find_first_not_of(" \t"), part.size()));
        // Its name is translated, its form is "NAME:  function, file.c:123".
        const bool place = part.find(".c:") != part.npos && part.find(":  ") != part.npos &&
                           !sqlstate_of(part) && !line.empty();
        if (part.empty() || place) {
            continue;
        }
        line += line.empty() ? "" : " ";
        line += part;
    }
    return line;
}

} // namespace restpoint::postgres
