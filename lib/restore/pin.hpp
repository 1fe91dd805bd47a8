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

/// What a restore or an undo has left behind it: the server goes on on `live`, whatever timelines up to
/// `newest` the repo has.
struct live_timeline {
    std::uint32_t live = 0;
    std::uint32_t newest = 0;
};

/// Kept in `root`, which is work_root(): beside the data that it is true of, and also where the
/// configuration cannot be written.
[[nodiscard]] result<> note_live_timeline(const std::filesystem::path& root, live_timeline what);

/// None when none was noted, or when what was noted cannot be read.
[[nodiscard]] std::optional<live_timeline> noted_live_timeline(const std::filesystem::path& root);

} // namespace restpoint::restore
