// Range: a part lies within the representation, and Content-Range says exactly that part.
#include "http/byte_range.hpp"
#include "support/fuzz.hpp"

#include <fmt/format.h>

namespace http = restpoint::http;

void probe(std::string_view input) {
    using verdict = http::byte_range::verdict;
    dispenser from(input);
    // Small sizes are where the borders are; every other input gets one of any size.
    const auto size = from.byte() % 2 == 0 ? from.byte() : from.number();
    const auto header = from.rest();

    const auto range = http::parse_range(header, size);

    if (range.answer == verdict::part) {
        demand(range.length >= 1, "a part is not empty");
        demand(range.first < size && range.length <= size - range.first, "a part lies within");
        const auto last = range.first + range.length - 1;
        const auto again = http::parse_range(fmt::format("bytes={}-{}", range.first, last), size);
        demand(again == range, "a part can be asked for again");
        demand(
            http::content_range(range, size) ==
                fmt::format("bytes {}-{}/{}", range.first, last, size),
            "Content-Range names the part");
    } else {
        demand(range.first == 0 && range.length == 0, "what is no part has no bounds");
        demand(
            http::content_range_unsatisfied(size) == fmt::format("bytes */{}", size),
            "Content-Range names the size");
    }
    demand(
        header.find('-') != header.npos || range.answer == verdict::whole,
        "without a dash there is no range");
    demand(
        header.find(',') == header.npos || range.answer == verdict::whole,
        "several ranges are not served");
}
