// A restore, carried out: the machine of route.hpp run by the steps of work.hpp, every one of them
// in the journal before it is taken. Blocking: this is what a child of restpoint does.
#pragma once

#include "base/result.hpp"
#include "restore/kept_restores.hpp"
#include "restore/order.hpp"
#include "restore/work.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace restpoint::restore {

/// How it ended; the exit code of the child.
enum class ending : int {
    committed = 0,
    rolled_back = 11, ///< something failed, and the old cluster is what there is
    cancelled = 63,   ///< the same because somebody wanted it so
    open = 75         ///< told to stop in the middle; the next one goes on
};

enum class wish { go_on, turn_back };

struct performance {
    ending how = ending::open;
    std::optional<failure> why = {}; ///< of what did not end as planned
    std::string report = {};         ///< what was done, a JSON object
};

/// Goes on where the journal of this job stands, until nothing is left to do.
[[nodiscard]] performance perform(const order& what, work_options how, wish asked);

/// Whether the work is begun and neither done nor undone.
[[nodiscard]] bool is_open(const order& what);

/// Whether its journal says that it is done or undone.
[[nodiscard]] bool is_settled(const order& what);

/// The report of a journal that is done.
[[nodiscard]] std::string report_of(const order& what, const history& steps);

} // namespace restpoint::restore
