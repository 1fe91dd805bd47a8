#include "base/escape_json.hpp"

#include "base/plain_run.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <cstdint>

namespace restpoint {

namespace {

/// One for bytes that are not copied as they are, else zero.
constexpr auto needs_care = [](std::uint8_t c) {
    return static_cast<std::uint8_t>((c < 0x20) | (c > 0x7E) | (c == '"') | (c == '\\'));
};

void append_code(std::string& out, char control) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto c = static_cast<std::uint8_t>(control);
    out += "\\u00";
    out += digits[c >> 4U];
    out += digits[c & 15U];
}

/// Writes the character that is the first `size` bytes of `text`; 0: the byte that is none.
void append_character(std::string& out, std::string_view text, std::size_t size) {
    switch (text.front()) {
    case '"':
        out += "\\\"";
        return;
    case '\\':
        out += "\\\\";
        return;
    case '\t':
        out += "\\t";
        return;
    case '\n':
        out += "\\n";
        return;
    case '\r':
        out += "\\r";
        return;
    default:
        break;
    }
    if (size == 0) {
        out += replacement_character;
    } else if (size == 1) {
        append_code(out, text.front());
    } else {
        out += text.substr(0, size);
    }
}

} // namespace

void append_json(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const auto plain = plain_run(text, needs_care);
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) {
            return;
        }
        const auto size = utf8_sequence(text);
        append_character(out, text, size);
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
}

} // namespace restpoint
