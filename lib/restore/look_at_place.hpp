// The directory that a restore would replace, as the file system shows it: whose it is, how large,
// how much room is beside it. Blocks, for as long as the disk takes: not for the loop.
#pragma once

#include "restore/plan.hpp"

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace restpoint::restore {

/// Where to look, as far as it is known.
struct place_question {
    std::string stanza = {};
    std::filesystem::path pgbackrest_config = {};
    std::vector<std::string> environment = {}; ///< of pgBackRest
    std::filesystem::path data_directory = {}; ///< that restpoint was told; empty: nothing
    std::filesystem::path server_says = {};    ///< SHOW data_directory; empty: it does not say
};

/// The place, its room, the stopped cluster in it (also while its server runs) and pgBackRest's stop
/// files; what could not be looked at is among the warnings.
[[nodiscard]] surroundings look_at_place(const place_question& asked);

} // namespace restpoint::restore
