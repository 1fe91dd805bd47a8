// Bytes to requests. However they are cut into pieces, the requests are the same, and they are what
// the rest of the house takes for granted. The first byte of an input says how it is cut.
#include "http/guard.hpp"
#include "http/request_reader.hpp"
#include "support/fuzz.hpp"

#include <algorithm>
#include <ranges>
#include <string>
#include <vector>

namespace http = restpoint::http;

namespace {

// Low, so that inputs reach them.
constexpr http::request_reader::limits bounds{.header_bytes = 1024, .body_bytes = 512};

struct reading {
    std::vector<http::request> whole = {};
    std::vector<bool> goes_on = {};
    std::string refused = {}; ///< the code of the refusal it ended with
};

bool same(const http::request& a, const http::request& b) {
    return a.verb == b.verb && a.path == b.path && a.query == b.query && a.headers == b.headers &&
           a.body == b.body && a.minor_version == b.minor_version;
}

void check_request(const http::request& asked) {
    demand(asked.path.starts_with('/'), "a path begins with a slash");
    demand(!has_control(asked.path) && is_utf8(asked.path), "a path is text");
    demand(asked.minor_version == 0 || asked.minor_version == 1, "the version is known");
    demand(asked.body.size() <= bounds.body_bytes, "a body keeps to its limit");
    std::size_t head = 0;
    for (const auto& [name, value] : asked.headers) {
        demand(!name.empty() && name == lower(name), "the name of a header is in lower case");
        demand(name.find_first_of(" \t\r\n:") == name.npos, "the name of a header is a token");
        demand(!has_control(value, "\t"), "the value of a header has no control characters");
        head += name.size() + value.size();
    }
    // The authority of an absolute target may stand in for Host, so it may be there twice.
    demand(head <= 2 * bounds.header_bytes, "a head keeps to its limit");
    (void)http::check_request(asked, {});
    (void)asked.wants_html();
}

reading read(std::string_view input, std::size_t step) {
    reading told;
    http::request_reader reader(bounds, "127.0.0.1:4711");
    std::size_t begin = 0;
    std::size_t end = 0;
    const auto more = [&] {
        end = std::min(input.size(), end + step);
        return end;
    };
    for (more(); begin < end;) {
        // A copy of its own, so that a look behind the end is seen.
        const std::vector<char> shown(
            input.begin() + static_cast<std::ptrdiff_t>(begin),
            input.begin() + static_cast<std::ptrdiff_t>(end));
        const auto now = reader.feed({shown.data(), shown.size()});
        demand(now.consumed <= shown.size(), "no more is consumed than was there");
        begin += now.consumed;
        if (now.now == http::request_reader::progress::refused) {
            const auto& why = reader.refusal();
            demand(why.status >= 400 && why.status < 600, "a refusal has a status");
            demand(!why.code.empty() && !why.detail.empty(), "a refusal says why");
            told.refused = why.code;
            return told;
        }
        if (now.now == http::request_reader::progress::complete) {
            demand(reader.has_head(), "a whole request has a head");
            told.whole.push_back(reader.value());
            told.goes_on.push_back(reader.keep_alive());
            reader.start();
            if (begin == end) {
                more();
            }
            continue;
        }
        (void)reader.take_expectation();
        if (end == input.size()) {
            return told;
        }
        more();
    }
    return told;
}

} // namespace

void probe(std::string_view input) {
    dispenser from(input);
    const std::size_t step = 1U + from.byte() % 64U;

    const auto at_once = read(from.rest(), input.size() + 1);
    const auto in_pieces = read(from.rest(), step);

    for (const auto& asked : at_once.whole) {
        check_request(asked);
    }
    // Beast does not measure a head that comes at once as one that comes in pieces: one of them may
    // find it too long where the other does not.
    const bool too_long =
        at_once.refused == "header_too_large" || in_pieces.refused == "header_too_large";
    const auto both = std::min(at_once.whole.size(), in_pieces.whole.size());
    // A piece may have to wait for the end of its head before it is refused.
    demand(
        too_long || !at_once.refused.empty() || in_pieces.refused.empty(),
        "pieces are refused only as the whole is");
    demand(
        at_once.whole.size() == in_pieces.whole.size() || too_long,
        "pieces make as many requests as the whole");
    demand(
        std::ranges::equal(
            at_once.whole | std::views::take(both), in_pieces.whole | std::views::take(both), same),
        "pieces make the same requests as the whole");
    demand(
        std::ranges::equal(
            at_once.goes_on | std::views::take(both), in_pieces.goes_on | std::views::take(both)),
        "pieces end a connection as the whole does");
}
