// A cluster's directories: the data directory, and those outside it that it links to. Moved by
// renames, copied and synced, never both at once. Blocking; every function may be called again after
// it was cut off.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::restore {

/// A directory that the data directory links to: a tablespace, or pg_wal.
struct outside_directory {
    std::string link = {};               ///< "pg_tblspc/16385", "pg_wal"
    std::filesystem::path location = {}; ///< absolute, without links in it

    friend bool operator==(const outside_directory&, const outside_directory&) = default;
};

/// Those of the cluster in `data`, tablespaces first. A link that leads nowhere counts as well; a
/// relative one leads from `home`, where the cluster lay when it was made.
[[nodiscard]] std::vector<outside_directory> outside_of(
    const std::filesystem::path& data, const std::filesystem::path& home);
[[nodiscard]] std::vector<outside_directory> outside_of(const std::filesystem::path& data);

/// Whether something is mounted on it, so that it cannot be renamed (proc_pid_mountinfo(5)).
[[nodiscard]] bool is_mount_point(const std::filesystem::path& directory);

/// Where restores of this cluster keep their work: beside the data directory, "DATA.restpoint"; in
/// it, ".restpoint", when it is a mount point. One folder for each job in it.
[[nodiscard]] std::filesystem::path work_root(const std::filesystem::path& data);

/// Whether a directory holds nothing, or nothing but what a mount point and our work put into it.
[[nodiscard]] bool is_empty_or_missing(const std::filesystem::path& directory);

/// The name of something in the directory of a tablespace that is not of our cluster: one of another
/// version may have its own beside ours there. Empty when there is none.
[[nodiscard]] std::string foreign_in(
    const std::filesystem::path& tablespace, std::string_view version);

/// Puts every directory entry of `from` into `to`, which is made; what a work_root() holds stays.
[[nodiscard]] result<> move_entries(
    const std::filesystem::path& from, const std::filesystem::path& to);

/// Renames and syncs both parents. Good when it was done already: `from` is gone and `to` is there.
[[nodiscard]] result<> rename_directory(
    const std::filesystem::path& from, const std::filesystem::path& to);

/// Makes `link` in `data` lead to `location`, whatever it led to.
[[nodiscard]] result<> point_link(
    const std::filesystem::path& data, const outside_directory& where);

/// Copies a file with its mode, and syncs it. `into` is a directory.
[[nodiscard]] result<> copy_synced(
    const std::filesystem::path& file, const std::filesystem::path& into);

/// The files at the top of a data directory that are the operator's or the server's own and no part
/// of the data: postgresql.conf, pg_hba.conf, certificates; postgresql.auto.conf too.
[[nodiscard]] std::vector<std::filesystem::path> configuration_files(
    const std::filesystem::path& data);

/// A process that works in the directory or has a file of it open: "12345 postgres: checkpointer".
/// Empty when there is none that we can see; never empty when none can be seen.
[[nodiscard]] std::string who_uses(const std::filesystem::path& directory);

/// The names of the whole segments in a folder, sorted.
[[nodiscard]] std::vector<std::string> segments_in(const std::filesystem::path& folder);

/// The names of the timelines' histories in a folder, sorted.
[[nodiscard]] std::vector<std::string> histories_in(const std::filesystem::path& folder);

} // namespace restpoint::restore
