// The timeline that a restore by hand must name, written where pgBackRest finds it.
//
// After an undo the repo's newest timeline is one that was left: a plain `pgbackrest restore`, or a
// replica built from the repo, would follow it and end in "could not locate required checkpoint
// record" or without the newest rows. A recovery option in the section of the stanza names the live
// one; --target-timeline on a command line wins over it.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace restpoint::restore {

/// `config` with our block for `timeline` at its end, or without one for none; blocks of other
/// stanzas stay. Pure.
[[nodiscard]] std::string with_pin(
    std::string_view config, std::string_view stanza, std::optional<std::uint32_t> timeline);

/// The lines that name it. Pure.
[[nodiscard]] std::string pin_block(std::string_view stanza, std::uint32_t timeline);

/// The timeline that our block for the stanza names in `config`. Pure.
[[nodiscard]] std::optional<std::uint32_t> pin_in(std::string_view config, std::string_view stanza);

/// Writes it. Fails, with the lines to write by hand as the hint, when the file cannot be written.
[[nodiscard]] result<> pin_timeline(
    const std::filesystem::path& config, std::string_view stanza,
    std::optional<std::uint32_t> timeline);

} // namespace restpoint::restore
