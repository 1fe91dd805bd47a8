#include "api/byte_range.hpp"

#include "api/parameters.hpp"

#include <algorithm>

namespace restpoint::api {

range_choice choose_range(std::string_view header, std::uint64_t size) {
    using enum range_choice::kind;
    const range_choice everything{whole, 0, size};
    constexpr std::string_view unit = "bytes=";
    if (!header.starts_with(unit)) {
        return everything;
    }
    header.remove_prefix(unit.size());
    const auto dash = header.find('-');
    if (dash == header.npos) {
        return everything;
    }
    const auto front = header.substr(0, dash);
    const auto back = header.substr(dash + 1);
    const auto from = parse_number(front);
    const auto to = parse_number(back);
    if ((!front.empty() && !from) || (!back.empty() && !to) || (!from && !to)) {
        return everything;
    }
    if (!from) { // the last so many
        const auto length = std::min(*to, size);
        return length == 0 ? range_choice{unsatisfiable}
                           : range_choice{part, size - length, length};
    }
    if (to && *to < *from) {
        return everything;
    }
    if (*from >= size) {
        return {unsatisfiable};
    }
    const auto last = to ? std::min(*to, size - 1) : size - 1;
    return {part, *from, last - *from + 1};
}

} // namespace restpoint::api
