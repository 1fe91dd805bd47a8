// What one job of a restore is to do: all that its child must know, as it stood when it was asked for.
// Written into the job's row and into the journal beside the data directory, so that neither needs
// the other. Pure.
#pragma once

#include "base/result.hpp"
#include "restore/plan.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::restore {

enum class errand {
    restore, ///< to the target of a plan
    undo,    ///< back to the cluster that a restore replaced
    forget   ///< what the undo of a restore needs is removed
};
[[nodiscard]] std::string_view to_string(errand what);

struct order {
    errand what = errand::restore;
    std::string stanza = {};
    std::filesystem::path data = {}; ///< the data directory, absolute and without links in it
    way how = way::beside;

    // Of a restore, and of the undo of one in place.
    target to = {};
    int repo = 1;
    std::string archive = {};   ///< "15-1": where the WAL of the cluster lies in the repo
    std::uint32_t timeline = 0; ///< on which the target lies
    std::string set = {};       ///< a label
    std::string wal_to = {};    ///< the last segment that may be needed
    /// Of the latest: whether it must lead to the very end of what the server wrote. Not where somebody
    /// knows that commits are missing, and said so.
    bool whole = true;
    std::uint64_t system_id = 0;
    std::uint64_t bytes = 0;  ///< that the set writes
    std::string version = {}; ///< of PostgreSQL: "15"

    /// In place, the way back: a set that leads along the timeline that the server wrote.
    std::string back_set = {};
    std::uint32_t back_timeline = 0;

    /// Of a restore: the databases that are wanted, all others being emptied; empty: all.
    std::vector<std::string> databases = {};

    /// Whether the server is started at the end. If not, it takes writes when somebody starts it.
    bool start = true;

    /// Names the folder of the journal, for ever: numbers of jobs begin anew when the state directory
    /// is lost.
    std::string folder = {};
    std::string of = {};     ///< of undo and forget: the folder of what they are about
    std::string digest = {}; ///< of the plan

    friend bool operator==(const order&, const order&) = default;
};

[[nodiscard]] std::string to_json(const order& what);
/// Fails with `invalid`: it was not written by to_json(), or by a newer restpoint.
[[nodiscard]] result<order> parse_order(std::string_view json);

/// "20261122-225501-3f9a0c12": when it was asked for, and the beginning of the plan's digest.
[[nodiscard]] std::string folder_name(wall_time now, std::string_view digest);

/// The order for a plan that has a set and can be carried out. `back` is the plan that leads to the
/// end of the timeline that the server writes now; it counts where the way is in_place.
[[nodiscard]] order order_of(
    const plan& made, const plan& back, const backrest::stanza_info& stanza,
    std::filesystem::path data);

} // namespace restpoint::restore
