#include "support/answers.hpp"

#include <charconv>

namespace {

std::string_view cut_line(std::string_view& rest) {
    const auto end = rest.find("\r\n");
    demand(end != rest.npos, "a line ends with CR and LF", rest.substr(0, 80));
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    return line;
}

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        constexpr std::string_view others = "!#$%&'*+-.^_`|~";
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               others.find(c) != others.npos;
    });
}

/// Field lines up to and with the empty line; the named one's value, which is there once at most.
struct fields {
    std::optional<std::string> length = {};
    std::optional<std::string> encoding = {};
};

fields read_fields(std::string_view& rest) {
    fields found;
    for (auto line = cut_line(rest); !line.empty(); line = cut_line(rest)) {
        const auto colon = line.find(':');
        demand(colon != line.npos && is_token(line.substr(0, colon)), "a field has a name", line);
        demand(!has_control(line, "\t"), "a field holds no control characters", line);
        const auto name = lower(line.substr(0, colon));
        auto value = std::string(line.substr(colon + 1));
        value.erase(0, value.find_first_not_of(' '));
        if (name == "content-length") {
            demand(!found.length, "there is one Content-Length");
            found.length = value;
        } else if (name == "transfer-encoding") {
            demand(!found.encoding && value == "chunked", "the encoding is known", value);
            found.encoding = value;
        }
        demand(name != "x-injected", "nobody writes our fields", line);
    }
    demand(!found.length || !found.encoding, "the end of a body is told in one way");
    return found;
}

std::size_t number(std::string_view text, int base) {
    std::size_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value, base);
    demand(
        parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size(), "a length is a number",
        text);
    return value;
}

/// False when the connection ended before the last chunk.
bool read_chunks(std::string_view& rest, std::string& body) {
    for (;;) {
        if (rest.empty()) {
            return false;
        }
        const auto size = number(cut_line(rest), 16);
        if (size == 0) {
            read_fields(rest);
            return true;
        }
        demand(size <= rest.size(), "a chunk is as long as it says");
        body += rest.substr(0, size);
        rest.remove_prefix(size);
        demand(cut_line(rest).empty(), "a chunk ends with its line");
    }
}

} // namespace

std::vector<read_answer> read_answers(
    std::string_view bytes, const std::vector<std::string>& methods) {
    std::vector<read_answer> all;
    while (!bytes.empty()) {
        read_answer one;
        const auto whole = bytes;
        const auto line = cut_line(bytes);
        demand(
            line.size() > 13 && line.starts_with("HTTP/1.1 ") && line[12] == ' ' &&
                !has_control(line),
            "an answer begins with its status", line);
        one.status = static_cast<int>(number(line.substr(9, 3), 10));
        demand(one.status >= 100 && one.status < 600, "a status is one of those there are", line);
        const auto told = read_fields(bytes);
        one.head = whole.substr(0, whole.size() - bytes.size());
        if (one.status == 100) {
            continue;
        }
        const bool head_only = all.size() < methods.size() && methods[all.size()] == "HEAD";
        if (head_only || one.status == 204 || one.status == 304) {
            all.push_back(std::move(one));
            continue;
        }
        bool goes_on = true;
        if (told.encoding) {
            goes_on = read_chunks(bytes, one.body);
        } else if (told.length) {
            const auto length = number(*told.length, 10);
            demand(length <= bytes.size(), "a body is as long as it says", one.head);
            one.body = bytes.substr(0, length);
            bytes.remove_prefix(length);
        } else {
            one.body = bytes;
            goes_on = false;
        }
        all.push_back(std::move(one));
        demand(goes_on || bytes.empty() || all.back().body == bytes, "the end is the end");
        if (!goes_on) {
            break;
        }
    }
    return all;
}
