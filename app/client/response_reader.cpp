#include "client/response_reader.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace restpoint::client {
namespace {

constexpr std::size_t longest_head = 64 * 1024;

failure not_http(std::string detail) {
    return {errc::io, std::move(detail), "is it restpoint that answers there?"};
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    return out;
}

std::string_view trimmed(std::string_view text) {
    const auto begin = std::min(text.find_first_not_of(" \t"), text.size());
    text.remove_prefix(begin);
    return text.substr(0, text.find_last_not_of(" \t") + 1);
}

bool read_number(std::string_view text, std::uint64_t& number, int base) {
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number, base);
    return error == std::errc{} && stop == end;
}

} // namespace

result<std::string> response_reader::take(std::string_view bytes) {
    waiting_ += bytes;
    std::string body;
    for (;;) {
        auto went_on = step(body);
        if (!went_on) {
            return went_on.error();
        }
        if (!*went_on) {
            return body;
        }
    }
}

result<> response_reader::end() {
    if (part_ == part::until_close) {
        part_ = part::complete;
    }
    if (part_ != part::complete) {
        return not_http("the connection was closed in the middle of an answer");
    }
    return {};
}

/// False when more bytes are needed, or nothing is left to do.
result<bool> response_reader::step(std::string& body) {
    std::string_view line;
    switch (part_) {
    case part::head:
        return read_head();
    case part::chunk_size:
        return read_chunk_size();
    case part::length:
        return read_bytes(body, part::complete);
    case part::chunk:
        return read_bytes(body, part::chunk_end);
    case part::chunk_end:
        if (!drop_line(line)) {
            return false;
        }
        part_ = part::chunk_size;
        return true;
    case part::trailers:
        if (!drop_line(line)) {
            return false;
        }
        part_ = line.empty() ? part::complete : part::trailers;
        return true;
    case part::until_close:
        body += std::exchange(waiting_, {});
        return false;
    case part::complete:
        break;
    }
    return false;
}

result<bool> response_reader::read_head() {
    const auto end = waiting_.find("\r\n\r\n");
    constexpr std::string_view version = "HTTP/1.";
    const auto seen = std::min(waiting_.size(), version.size());
    if (waiting_.compare(0, seen, version, 0, seen) != 0) {
        return not_http("the answer is not HTTP");
    }
    if (end == waiting_.npos) {
        return waiting_.size() > longest_head
                   ? result<bool>(not_http("the answer's head has no end"))
                   : result<bool>(false);
    }
    std::string head = waiting_.substr(0, end + 2);
    waiting_.erase(0, end + 4);
    std::uint64_t status = 0;
    if (head.size() < 12 || !read_number(std::string_view(head).substr(9, 3), status, 10)) {
        return not_http("the answer has no status");
    }
    status_ = static_cast<unsigned>(status);
    if (status_ < 200) {
        return true; // 100 Continue and its like come in front of the answer
    }
    std::map<std::string, std::string> headers;
    std::string_view rest = head;
    rest.remove_prefix(rest.find("\r\n") + 2);
    while (!rest.empty()) {
        const auto line = rest.substr(0, rest.find("\r\n"));
        rest.remove_prefix(line.size() + 2);
        const auto colon = std::min(line.find(':'), line.size());
        headers[lower(line.substr(0, colon))] =
            trimmed(line.substr(std::min(colon + 1, line.size())));
    }
    if (auto begun = begin_body(headers); !begun) {
        return begun.error();
    }
    return true;
}

result<> response_reader::begin_body(const std::map<std::string, std::string>& headers) {
    const auto length = headers.find("content-length");
    const auto coding = headers.find("transfer-encoding");
    if (status_ == 204 || status_ == 304) {
        part_ = part::complete;
    } else if (coding != headers.end()) {
        if (lower(coding->second) != "chunked") {
            return not_http("the answer comes in a transfer coding that nobody asked for");
        }
        part_ = part::chunk_size;
    } else if (length == headers.end()) {
        part_ = part::until_close;
    } else if (!read_number(length->second, left_, 10)) {
        return not_http("the answer's length is no number");
    } else {
        part_ = left_ == 0 ? part::complete : part::length;
    }
    return {};
}

result<bool> response_reader::read_chunk_size() {
    std::string_view line;
    if (!drop_line(line)) {
        return false;
    }
    const auto size = trimmed(line.substr(0, line.find(';')));
    if (!read_number(size, left_, 16)) {
        return not_http("the answer has a chunk without a size");
    }
    part_ = left_ == 0 ? part::trailers : part::chunk;
    return true;
}

bool response_reader::read_bytes(std::string& body, part then) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, waiting_.size()));
    body.append(waiting_, 0, size);
    waiting_.erase(0, size);
    left_ -= size;
    if (left_ > 0) {
        return false;
    }
    part_ = then;
    return true;
}

/// Takes a line, which stays valid until the next one.
bool response_reader::drop_line(std::string_view& line) {
    const auto end = waiting_.find("\r\n");
    if (end == waiting_.npos) {
        return false;
    }
    line_ = waiting_.substr(0, end);
    waiting_.erase(0, end + 2);
    line = line_;
    return true;
}

} // namespace restpoint::client
