#include "postgres/complaints.hpp"

#include "base/utf8.hpp"

#include <algorithm>

namespace restpoint::postgres {

namespace {

constexpr std::size_t longest = 500;

} // namespace

std::string last_line(std::string_view text) {
    const auto end = text.find_last_not_of(" \t\r\n");
    if (end == std::string_view::npos) {
        return {};
    }
    text = text.substr(0, end + 1);
    const auto before = text.rfind('\n');
    return presentable(before == std::string_view::npos ? text : text.substr(before + 1), longest);
}

std::string last_complaint(std::string_view text) {
    constexpr auto none = std::string_view::npos;
    const auto fatal = text.rfind("FATAL: ");
    const auto panic = text.rfind("PANIC: ");
    if (fatal == none && panic == none) {
        return {};
    }
    const auto at = fatal == none ? panic : panic == none ? fatal : std::max(fatal, panic);
    const auto line = text.substr(at);
    return presentable(line.substr(0, line.find('\n')), longest);
}

} // namespace restpoint::postgres
