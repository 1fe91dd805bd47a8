#include "http/target.hpp"

#include "http/ascii.hpp"
#include "http/escape.hpp"

#include <algorithm>

namespace restpoint::http {
namespace {

std::optional<unsigned> hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return static_cast<unsigned>(c - '0');
    }
    if (c >= 'a' && c <= 'f') {
        return static_cast<unsigned>(c - 'a') + 10U;
    }
    if (c >= 'A' && c <= 'F') {
        return static_cast<unsigned>(c - 'A') + 10U;
    }
    return std::nullopt;
}

/// C0, DEL and C1 (U+0080 to U+009F, which terminals obey as well), in text that is UTF-8.
bool has_controls(std::string_view text) {
    unsigned char before = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20U || byte == 0x7fU || (before == 0xc2U && byte < 0xa0U)) {
            return true;
        }
        before = byte;
    }
    return false;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto sequence = utf8_sequence(text);
        if (sequence == 0) {
            return false;
        }
        text.remove_prefix(sequence);
    }
    return true;
}

/// A segment that means only itself: what is decoded must not become structure.
bool is_good_segment(std::string_view segment) {
    return !segment.empty() && segment != "." && segment != ".." &&
           segment.find('/') == segment.npos && is_utf8(segment) && !has_controls(segment);
}

/// `text` begins with '/'.
std::optional<std::string> parse_path(std::string_view text) {
    if (text.size() > 1 && text.ends_with('/') && !text.ends_with("//")) {
        text.remove_suffix(1);
    }
    std::string path;
    while (text.size() > 1) {
        text.remove_prefix(1);
        const auto length = std::min(text.find('/'), text.size());
        const auto segment = percent_decode(text.substr(0, length));
        if (!segment || !is_good_segment(*segment)) {
            return std::nullopt;
        }
        path += '/';
        path += *segment;
        text.remove_prefix(length);
    }
    return path.empty() ? "/" : path;
}

/// Cuts "http://host" off an absolute target.
std::optional<std::string> cut_authority(std::string_view& text) {
    const auto scheme = text.find("://");
    const auto begin = scheme + 3;
    const auto end = std::min(text.find_first_of("/?", begin), text.size());
    const auto authority = text.substr(begin, end - begin);
    if (authority.empty() || authority.find('@') != authority.npos) {
        return std::nullopt;
    }
    text.remove_prefix(end);
    return std::string(authority);
}

bool has_http_scheme(std::string_view text) {
    const auto scheme = text.substr(0, text.find("://"));
    return scheme.size() < text.size() &&
           (equals_ignoring_case(scheme, "http") || equals_ignoring_case(scheme, "https"));
}

} // namespace

std::optional<std::string> percent_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            out += text[at];
            continue;
        }
        const auto high = at + 2 < text.size() ? hex_digit(text[at + 1]) : std::nullopt;
        const auto low = high ? hex_digit(text[at + 2]) : std::nullopt;
        if (!low) {
            return std::nullopt;
        }
        out += static_cast<char>(*high * 16U + *low);
        at += 2;
    }
    return out;
}

std::optional<std::vector<std::pair<std::string, std::string>>> parse_form(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> pairs;
    const auto decode = [](std::string_view part) {
        std::string blanks(part);
        std::replace(blanks.begin(), blanks.end(), '+', ' ');
        return percent_decode(blanks);
    };
    while (!text.empty()) {
        const auto part = cut_at(text, '&');
        if (part.empty()) {
            continue;
        }
        const auto equals = std::min(part.find('='), part.size());
        auto name = decode(part.substr(0, equals));
        auto value = decode(part.substr(std::min(equals + 1, part.size())));
        if (!name || !value) {
            return std::nullopt;
        }
        pairs.emplace_back(std::move(*name), std::move(*value));
    }
    return pairs;
}

std::optional<target> parse_target(std::string_view text) {
    target parsed;
    if (text.find('#') != text.npos) {
        return std::nullopt;
    }
    if (!text.starts_with('/')) {
        if (!has_http_scheme(text)) {
            return std::nullopt;
        }
        parsed.authority = cut_authority(text);
        if (!parsed.authority) {
            return std::nullopt;
        }
    }
    const auto question = std::min(text.find('?'), text.size());
    const auto path_text = text.substr(0, question);
    auto path = parse_path(path_text.empty() && parsed.authority ? "/" : path_text);
    auto query = parse_form(text.substr(std::min(question + 1, text.size())));
    if (!path || !query) {
        return std::nullopt;
    }
    parsed.path = std::move(*path);
    parsed.query = std::move(*query);
    return parsed;
}

} // namespace restpoint::http
