#include "postgres/postmaster_file.hpp"

#include <array>
#include <charconv>

namespace restpoint::postgres {

namespace {

template <class Number>
bool parse(std::string_view text, Number& into) {
    const auto* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, into);
    return !text.empty() && parsed.ec == std::errc{} && parsed.ptr == end;
}

std::string_view trimmed(std::string_view text) {
    const auto last = text.find_last_not_of(" \t\r");
    return last == std::string_view::npos ? std::string_view{} : text.substr(0, last + 1);
}

} // namespace

std::optional<postmaster_file> parse_postmaster_file(std::string_view text) {
    constexpr std::size_t lines_known = 8;
    std::array<std::string_view, lines_known> lines{};
    for (auto& line : lines) {
        const auto end = text.find('\n');
        line = trimmed(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    postmaster_file found;
    if (!parse(lines[0], found.pid) || found.pid == 0) {
        return std::nullopt;
    }
    found.pid = found.pid < 0 ? -found.pid : found.pid;
    found.data_dir = lines[1];
    parse(lines[2], found.started);
    parse(lines[3], found.port);
    found.socket_dir = lines[4];
    found.status = lines[7];
    return found;
}

} // namespace restpoint::postgres
