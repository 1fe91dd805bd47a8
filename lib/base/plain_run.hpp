// What escapes have in common: most text needs none, and is copied in long runs. Internal to base.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace restpoint {

/// The length of the part of `text` in front of the first byte for which `needs_care` is not zero.
/// `std::uint8_t needs_care(std::uint8_t)` has no branches, so that compilers make vector
/// instructions of it.
template <class Care>
std::size_t plain_run(std::string_view text, Care needs_care) {
    constexpr std::size_t block = 32;
    const auto at_byte = [&](std::size_t at) {
        return needs_care(static_cast<std::uint8_t>(text[at]));
    };
    std::size_t at = 0;
    for (; at + block <= text.size(); at += block) {
        std::uint8_t care = 0;
        for (std::size_t i = 0; i < block; ++i) {
            care = static_cast<std::uint8_t>(care | at_byte(at + i));
        }
        if (care != 0) {
            break;
        }
    }
    while (at < text.size() && at_byte(at) == 0) {
        ++at;
    }
    return at;
}

} // namespace restpoint
