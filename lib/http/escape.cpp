#include "http/escape.hpp"

#include <array>

namespace restpoint::http {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

unsigned char byte_at(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

bool continues(std::string_view text, std::size_t at) {
    return at < text.size() && (byte_at(text, at) & 0xC0U) == 0x80U;
}

/// Bytes that may be copied to a page as they stand.
constexpr auto plain_in_html = [] {
    std::array<bool, 256> plain = {};
    for (std::size_t c = 0x20; c < 0x7F; ++c) {
        plain[c] = true;
    }
    for (const char c : {'&', '<', '>', '"', '\''}) {
        plain[static_cast<unsigned char>(c)] = false;
    }
    plain['\t'] = plain['\n'] = true;
    return plain;
}();

std::string_view entity(char c) {
    switch (c) {
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
    default:
        return replacement; // a control character
    }
}

/// U+0080 to U+009F: control characters that take two bytes.
bool is_c1_control(std::string_view text) {
    return byte_at(text, 0) == 0xC2U && byte_at(text, 1) < 0xA0U;
}

} // namespace

std::size_t utf8_sequence(std::string_view text) {
    if (text.empty()) {
        return 0;
    }
    const auto lead = byte_at(text, 0);
    if (lead < 0x80U) {
        return 1;
    }
    if (lead < 0xC2U || lead > 0xF4U || !continues(text, 1)) {
        return 0;
    }
    if (lead < 0xE0U) {
        return 2;
    }
    const auto second = byte_at(text, 1);
    if (lead < 0xF0U) {
        const bool overlong = lead == 0xE0U && second < 0xA0U;
        const bool surrogate = lead == 0xEDU && second >= 0xA0U;
        return !overlong && !surrogate && continues(text, 2) ? 3 : 0;
    }
    const bool overlong = lead == 0xF0U && second < 0x90U;
    const bool too_large = lead == 0xF4U && second >= 0x90U;
    return !overlong && !too_large && continues(text, 2) && continues(text, 3) ? 4 : 0;
}

std::string escape_html(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    while (!text.empty()) {
        std::size_t run = 0;
        while (run < text.size() && plain_in_html[byte_at(text, run)]) {
            ++run;
        }
        out.append(text.substr(0, run));
        text.remove_prefix(run);
        if (text.empty()) {
            break;
        }
        const auto sequence = utf8_sequence(text);
        if (sequence <= 1) {
            out.append(sequence == 1 ? entity(text.front()) : replacement);
        } else {
            out.append(is_c1_control(text) ? replacement : text.substr(0, sequence));
        }
        text.remove_prefix(sequence == 0 ? 1 : sequence);
    }
    return out;
}

std::string scrub_utf8(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto sequence = utf8_sequence(text);
        out.append(sequence == 0 ? replacement : text.substr(0, sequence));
        text.remove_prefix(sequence == 0 ? 1 : sequence);
    }
    return out;
}

std::string query_escape(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
                                c == '~';
        if (unreserved) {
            out += c;
        } else {
            const auto value = static_cast<unsigned char>(c);
            out += '%';
            out += digits[value >> 4U];
            out += digits[value & 0xFU];
        }
    }
    return out;
}

} // namespace restpoint::http
