// What restores have left beside a data directory: found by their journals, whatever has become of the
// state directory. Blocking.
#pragma once

#include "base/result.hpp"
#include "restore/order.hpp"
#include "restore/route.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace restpoint::restore {

/// A restore whose undo is kept.
struct kept_restore {
    order what = {};
    history steps = {};
    std::filesystem::path folder = {};
};

/// The restores and undos of the cluster that were committed and can be taken back, oldest first.
[[nodiscard]] std::vector<kept_restore> kept_restores(const std::filesystem::path& data);

/// The jobs whose work in this cluster is open, oldest first.
[[nodiscard]] std::vector<kept_restore> open_restores(const std::filesystem::path& data);

/// Those of which nothing is kept: turned back, or forgetting that is done.
[[nodiscard]] std::vector<kept_restore> turned_back_restores(const std::filesystem::path& data);

/// Beside a data directory, and of no use: nothing of it is taken up, undone or removed.
struct strange_restore {
    std::filesystem::path folder = {};
    std::string why = {};
};
[[nodiscard]] std::vector<strange_restore> strange_restores(const std::filesystem::path& data);

/// Takes out what a restore has set for a recovery that ended without it: of a cluster that it did not
/// start itself. Nothing as long as that recovery is still to come.
[[nodiscard]] result<> take_out_settings(const kept_restore& of);

} // namespace restpoint::restore
