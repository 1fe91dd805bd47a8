#include "base/log_text.hpp"

#include "base/escape_json.hpp"
#include "base/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace restpoint::log {
namespace {

/// The code point in front of `text`, a valid sequence of `size` bytes, where a JSON string would hold
/// it as it is and a line of the log may not; 0 for any other.
unsigned steering(std::string_view text, std::size_t size) {
    const auto last = size == 0 ? 0U : static_cast<unsigned char>(text[size - 1]);
    if (size == 2 && text.starts_with("\xc2") && last < 0xa0) {
        return last; // C1
    }
    if (size == 3 && text.starts_with("\xe2\x80") && last >= 0xa8 && last <= 0xae) {
        return 0x2000U + (last - 0x80U); // U+2028 to U+202E
    }
    if (size == 3 && text.starts_with("\xe2\x81") && last >= 0xa6 && last <= 0xa9) {
        return 0x2040U + (last - 0x80U); // U+2066 to U+2069
    }
    return 0;
}

/// Whether a line may hold `text` as it is.
bool is_harmless(std::string_view text) {
    while (!text.empty()) {
        const auto size = utf8_sequence(text);
        if (size == 0 || starts_with_control(text) || steering(text, size) != 0) {
            return false;
        }
        text.remove_prefix(size);
    }
    return true;
}

} // namespace

std::string quoted(std::string_view text) {
    std::string out = "\"";
    std::size_t plain = 0; // of the front of `text`: what append_json() takes
    while (plain < text.size()) {
        const auto rest = text.substr(plain);
        const auto size = utf8_sequence(rest);
        const auto code = steering(rest, size);
        if (code == 0) {
            plain += std::max<std::size_t>(size, 1);
            continue;
        }
        append_json(out, text.substr(0, plain));
        out += fmt::format("\\u{:04x}", code);
        text.remove_prefix(plain + size);
        plain = 0;
    }
    append_json(out, text);
    return out += '"';
}

std::string shown_message(std::string_view text) {
    return is_harmless(text) ? std::string(text) : quoted(text);
}

std::string shown_value(std::string_view text) {
    const bool clear =
        !text.empty() && text.find_first_of(" \"\\=") == text.npos && is_harmless(text);
    return clear ? std::string(text) : quoted(text);
}

} // namespace restpoint::log
