#include "backrest/label.hpp"

#include "base/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace restpoint::backrest {

bool is_label(std::string_view text) {
    constexpr std::string_view full = "00000000-000000F";
    constexpr std::string_view on_full = "00000000-000000F_00000000-000000*";
    const auto shape = text.size() == full.size() ? full : on_full;
    const auto fits = [](char c, char like) {
        switch (like) {
        case '0':
            return c >= '0' && c <= '9';
        case '*':
            return c == 'I' || c == 'D';
        default:
            return c == like;
        }
    };
    return std::equal(text.begin(), text.end(), shape.begin(), shape.end(), fits);
}

result<> validate_label(std::string_view text) {
    constexpr std::size_t most = 64;
    if (is_label(text)) {
        return {};
    }
    return failure{
        errc::invalid,
        fmt::format("'{}' is not the label of a backup set", presentable(text, most)),
        "labels look like 20261122-064235F or 20261122-064235F_20261122-064331D; info lists them"};
}

} // namespace restpoint::backrest
