// What a restore would do, and why it would not: decided from what is known, before anything is
// touched. Pure.
//
// pgBackRest accepts targets that no WAL leads to, and PostgreSQL then ends in a server that does
// not start, or silently without the last commits. A plan refuses them: a target must lie between
// the end of a backup set and WAL that follows it without a gap, on a timeline that is named.
#pragma once

#include "backrest/info.hpp"
#include "backrest/wal_name.hpp"
#include "base/time_text.hpp"
#include "jobs/window_answer.hpp"
#include "restore/target.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::restore {

/// Why a restore is not carried out. The names are stable: programs read them.
enum class reason {
    repo_unknown,        ///< there is no such repo, or none at all
    archive_unreadable,  ///< the repo's WAL could not be listed
    other_cluster,       ///< the server has another system identifier than the backups
    timeline_unknown,    ///< nothing of it is in the repo, or nobody knows where it came from
    timeline_ambiguous,  ///< several could be meant, and the server does not say
    no_backup,           ///< none leads to the timeline
    set_unknown,         ///< no backup set of this repo has that label
    set_not_on_timeline, ///< the set belongs to a branch that was left, or has no WAL
    set_incomplete,      ///< WAL that the set needs to become consistent is missing
    target_before_set,   ///< before the end of the set, or of the first one there is
    target_in_gap,       ///< WAL on the way to the target is missing
    target_after_wal,    ///< behind the newest WAL
    target_in_future,    ///< by the server's clock
    commits_missing,     ///< latest, but WAL is missing before the newest: may be acknowledged
    no_room,             ///< the data would not fit on the disk, or not in the way asked for
    place_unclear,       ///< which directory is the cluster's is not known, or told in two ways
    stop_file,           ///< `pgbackrest stop` was said, and holds
    managed_elsewhere,   ///< Patroni or the like starts and stops this server: may be acknowledged
    postgres_not_controlled, ///< the server runs, and nobody told us who stops it
    server_is_standby,       ///< a restore is for a primary
    tablespace_newer,        ///< than the set: its replay would write into the present one's files
    standbys_attached,       ///< they cannot follow past the fork: may be acknowledged
    subscribers_attached     ///< they would be ahead of the publisher: may be acknowledged
};

[[nodiscard]] std::string_view to_string(reason why);
[[nodiscard]] std::optional<reason> parse_reason(std::string_view text);

/// Whether an operator may say that he knows and wants it all the same.
[[nodiscard]] bool can_be_acknowledged(reason why);

struct refusal {
    reason why = reason::repo_unknown;
    std::string message = {};
    std::string hint = {};
};

/// Where the new data directory grows.
enum class way {
    beside,  ///< next to the present one, while the old server serves
    in_place ///< over the present one: there is no room for both
};
[[nodiscard]] std::string_view to_string(way how);
[[nodiscard]] std::optional<way> parse_way(std::string_view text);

struct plan_request {
    target to = {};
    std::optional<std::uint32_t> timeline = {}; ///< none: the one that the server writes
    std::optional<std::string> set = {};        ///< a label; none: the newest one that can serve
    std::optional<int> repo = {};               ///< none: the first one that can serve
    std::vector<reason> acknowledged = {};
    std::optional<way> how = {}; ///< none: beside when there is room
};

/// What the running server says of itself.
struct live_cluster {
    std::uint64_t system_id = 0;
    std::uint32_t timeline = 0; ///< 0: a standby
    backrest::lsn position = 0;
    wall_time now = {};                        ///< by its own clock
    std::optional<wall_time> last_commit = {}; ///< with track_commit_timestamp
    std::string manager = {};                  ///< "Patroni"; empty: none was recognised
    std::vector<std::string> standbys = {};    ///< application names
    std::vector<std::string> subscribers = {}; ///< logical slots in use
    std::vector<std::string> slots = {};       ///< all replication slots: a restore loses them
    std::vector<std::string> prepared = {};    ///< transactions
    std::vector<std::string> tablespaces = {}; ///< directories outside the data directory
};

struct disk_room {
    std::uint64_t free_bytes = 0; ///< where the data directory lies
    std::uint64_t data_bytes = 0; ///< that the present one takes, 0 when that is not known
};

/// What the files of a cluster say whose server does not run.
struct stopped_cluster {
    std::uint64_t system_id = 0;
    std::uint32_t timeline = 0;
    bool shut_down = false; ///< orderly
};

/// Where the cluster lies, and under which rules pgBackRest works there.
struct place {
    std::filesystem::path data_directory = {}; ///< empty: nobody says
    bool exists = false;
    std::uint64_t device = 0; ///< of the data directory, which its name alone does not tell apart
    std::uint64_t inode = 0;
    std::string configuration = {}; ///< pgBackRest's file, whole
    std::string unclear = {}; ///< why the data directory may be another one; empty: it is clear
};

/// A restore that ended well.
struct earlier_restore {
    std::uint64_t bytes = 0;
    double seconds = 0;
    way how = way::beside;
    std::optional<double> downtime_seconds = {};
};

/// What is known of the cluster that a restore would replace.
struct surroundings {
    std::optional<live_cluster> live = {}; ///< none: no server runs, or it does not say
    std::optional<stopped_cluster> stopped = {};
    std::optional<disk_room> room = {}; ///< none: not known
    place where = {};
    std::map<std::string, std::filesystem::path> tablespaces = {}; ///< OID → its directory
    std::vector<std::string> stop_files = {}; ///< of pgBackRest, that are there
    bool controlled = true; ///< restpoint was told who stops and starts the server
    std::vector<earlier_restore> earlier = {};
    std::vector<std::string> warnings = {}; ///< what could not be looked at, in sentences
};

/// What only a set's own manifest tells.
struct set_details {
    std::int64_t repo = 0;
    std::string label = {};
    std::vector<backrest::tablespace_info> tablespaces = {};
};

struct plan_facts {
    const backrest::stanza_info& stanza;
    std::span<const jobs::archive_answer> archives;
    surroundings around = {};
    wall_time now = {};
    std::optional<set_details> details = {}; ///< none: not asked for yet, or not known

    [[nodiscard]] const std::optional<live_cluster>& live() const { return around.live; }
    /// That is there, running or not; none when nobody knows.
    [[nodiscard]] std::optional<std::uint64_t> system_id() const;
    /// That is written, or was when the server stopped; 0 when nobody knows, or on a standby.
    [[nodiscard]] std::uint32_t present_timeline() const;
};

/// What is in the present cluster and will not be in the restored one.
struct loss {
    std::optional<wall_time> from = {};          ///< of commits after this moment
    std::optional<wall_time> until = {};         ///< up to this one
    std::optional<std::uint64_t> wal_bytes = {}; ///< between the target and where the server stands
};

struct plan {
    plan_request asked = {};
    std::int64_t repo = 0; ///< 0: none was found
    std::uint32_t timeline = 0;
    std::optional<backrest::backup_info> set = {};
    std::optional<backrest::segment_name> wal_from = {}; ///< the first segment that is replayed
    std::optional<backrest::segment_name> wal_to = {};   ///< the last one that may be needed
    std::optional<std::uint64_t> bytes = {};             ///< that the set writes
    std::optional<disk_room> room = {};
    std::optional<way> how = {}; ///< none: the room is not known, or there is none
    std::optional<double> expected_seconds = {};
    std::optional<double> expected_downtime_seconds = {};
    std::optional<std::uint64_t> system_id = {}; ///< of the backups
    place where = {};
    loss lost = {};
    std::vector<refusal> refusals = {};
    std::vector<std::string> warnings = {}; ///< sentences

    [[nodiscard]] bool can_be_carried_out() const { return refusals.empty(); }
};

/// Decides. Never fails: what stands in the way is in the plan, as much of it as can be known at
/// once.
[[nodiscard]] plan make_plan(const plan_request& asked, const plan_facts& facts);

/// What one plan does and another does not, as text that is the same whenever they do the same:
/// whose hash tells whether a plan that is made again is still the one that somebody read.
[[nodiscard]] std::string essence(const plan& made, std::string_view stanza);

} // namespace restpoint::restore
