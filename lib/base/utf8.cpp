#include "base/utf8.hpp"

#include <algorithm>

namespace restpoint {

std::size_t utf8_sequence(std::string_view text) {
    if (text.empty()) {
        return 0;
    }
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto lead = byte(0);
    if (lead < 0x80) {
        return 1;
    }
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < size) {
        return 0;
    }
    // Shortest form only, no surrogates, nothing above U+10FFFF.
    const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (byte(1) < low || byte(1) > high) {
        return 0;
    }
    for (std::size_t i = 2; i < size; ++i) {
        if ((byte(i) & 0xC0U) != 0x80) {
            return 0;
        }
    }
    return size;
}

bool starts_with_control(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    return lead < 0x20 || lead == 0x7F ||
           (lead == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0);
}

std::string scrub_utf8(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto size = utf8_sequence(text);
        out += size == 0 ? replacement_character : text.substr(0, size);
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return out;
}

std::string presentable(std::string_view text, std::size_t limit) {
    std::string shown;
    while (!text.empty()) {
        const auto size = utf8_sequence(text);
        const bool good = size != 0 && (text.front() == '\n' || text.front() == '\t' ||
                                        !starts_with_control(text));
        const auto piece = good ? text.substr(0, size) : std::string_view{"?"};
        if (shown.size() + piece.size() > limit) {
            break;
        }
        shown += piece;
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return shown;
}

std::size_t whole_characters(std::string_view part) {
    const auto furthest = std::min<std::size_t>(part.size(), 3);
    for (std::size_t back = 1; back <= furthest; ++back) {
        const auto lead = static_cast<unsigned char>(part[part.size() - back]);
        const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
        if (length > back) {
            return part.size() - back;
        }
    }
    return part.size();
}

} // namespace restpoint
