#include "base/escape_html.hpp"

#include "base/plain_run.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <cstdint>

namespace restpoint {

namespace {

/// One for bytes that are not copied as they are, else zero.
constexpr auto needs_care = [](std::uint8_t c) {
    return static_cast<std::uint8_t>(
        (c < 0x20) | (c > 0x7E) | (c == '&') | (c == '<') | (c == '>') | (c == '"') | (c == '\''));
};

/// What stands for the character that is the first `size` bytes of `text`; 0: for the byte that is
/// none.
std::string_view html_for(std::string_view text, std::size_t size) {
    switch (text.front()) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '\t':
    case '\n':
        return text.substr(0, 1);
    default:
        return size == 0 || starts_with_control(text) ? replacement_character
                                                      : text.substr(0, size);
    }
}

} // namespace

void append_html(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const auto plain = plain_run(text, needs_care);
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) {
            return;
        }
        const auto size = utf8_sequence(text);
        out += html_for(text, size);
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
}

std::string escape_html(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    append_html(out, text);
    return out;
}

} // namespace restpoint
