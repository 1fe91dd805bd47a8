// The Range header, for one range of bytes (RFC 9110, section 14). Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace restpoint::api {

struct range_choice {
    enum class kind {
        whole, ///< no range, several, another unit or nonsense: all of which mean "everything"
        part,  ///< 206
        unsatisfiable ///< 416: begins behind the end
    };
    kind what = kind::whole;
    std::uint64_t first = 0;
    std::uint64_t length = 0;

    friend bool operator==(const range_choice&, const range_choice&) = default;
};

/// `header` is the value of Range, `size` what there is; a range that reaches past the end is cut.
[[nodiscard]] range_choice choose_range(std::string_view header, std::uint64_t size);

} // namespace restpoint::api
