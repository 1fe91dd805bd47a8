#include "restore/look_at_place.hpp"

#include "backrest/config_file.hpp"
#include "base/file.hpp"
#include "postgres/control_data.hpp"
#include "restore/directories.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace fs = std::filesystem;

namespace restpoint::restore {
namespace {

constexpr auto default_lock_path = "/tmp/pgbackrest"; // pgBackRest's
constexpr std::uint64_t block_bytes = 512;            // of st_blocks, whatever the file system has
constexpr std::size_t most_files = 10'000'000;        // a walk has an end, whatever hangs below

/// What the files below `folder` take of the disk. Symbolic links are not followed: a tablespace
/// lies on a disk of its own.
std::uint64_t bytes_below(const fs::path& folder) {
    std::uint64_t sum = 0;
    std::error_code error;
    auto walk = fs::recursive_directory_iterator(
        folder, fs::directory_options::skip_permission_denied, error);
    for (std::size_t n = 0; !error && walk != fs::end(walk) && n < most_files; ++n) {
        struct stat found = {};
        if (::lstat(walk->path().c_str(), &found) == 0) {
            sum += static_cast<std::uint64_t>(found.st_blocks) * block_bytes;
        }
        walk.increment(error); // a file that goes meanwhile is none
    }
    return sum;
}

/// The nearest folder above that is there.
fs::path nearest_folder(fs::path path) {
    std::error_code error;
    while (path.has_relative_path() && !fs::is_directory(path, error)) {
        path = path.parent_path();
    }
    return path;
}

class look {
  public:
    explicit look(const place_question& asked) : asked_(asked) {}

    [[nodiscard]] surroundings go() && {
        read_configuration();
        find_data_directory();
        find_stop_files();
        if (!where_.data_directory.empty()) {
            look_at_files();
            measure();
        }
        found_.where = std::move(where_);
        return std::move(found_);
    }

  private:
    [[nodiscard]] std::optional<std::string> configured(std::string_view option) const {
        return backrest::configured(
            where_.configuration, asked_.environment, asked_.stanza, option);
    }

    void read_configuration() {
        auto text = read_file(asked_.pgbackrest_config);
        if (text) {
            where_.configuration = std::move(*text);
        } else {
            found_.warnings.push_back(fmt::format(
                "pgBackRest's configuration could not be read: {}", text.error().detail));
        }
    }

    /// All who name a directory must mean the same one.
    void find_data_directory() {
        const std::array named{
            std::pair{"postgres.data_dir", asked_.data_directory},
            std::pair{"the server's data_directory", asked_.server_says},
            std::pair{"pg1-path", fs::path(configured("pg1-path").value_or(""))}};
        const char* first = "";
        for (const auto& [who, path] : named) {
            if (path.empty()) {
                continue;
            }
            if (where_.data_directory.empty()) {
                where_.data_directory = path;
                first = who;
            } else if (!same(where_.data_directory, path)) {
                where_.unclear = fmt::format(
                    "{} is '{}', and {} is '{}'", first, where_.data_directory.native(), who,
                    path.native());
            }
        }
    }

    [[nodiscard]] static bool same(const fs::path& a, const fs::path& b) {
        std::error_code error;
        return a.lexically_normal() == b.lexically_normal() || fs::equivalent(a, b, error);
    }

    void find_stop_files() {
        const fs::path folder = configured("lock-path").value_or(default_lock_path);
        for (const auto& name : {asked_.stanza, std::string("all")}) {
            std::error_code error;
            const auto path = folder / (name + ".stop");
            if (fs::exists(path, error)) {
                found_.stop_files.push_back(path.native());
            }
        }
    }

    void look_at_files() {
        struct stat told = {};
        if (::stat(where_.data_directory.c_str(), &told) != 0) {
            return;
        }
        where_.exists = true;
        where_.device = told.st_dev;
        where_.inode = told.st_ino;
        for (const auto& one : outside_of(where_.data_directory)) {
            if (const fs::path link = one.link; link.parent_path() == "pg_tblspc") {
                found_.tablespaces.emplace(link.filename().native(), one.location);
            }
        }
        const auto control = read_file(where_.data_directory / "global/pg_control");
        const auto read = control ? postgres::parse_control_data(*control) : std::nullopt;
        if (read) {
            found_.stopped = stopped_cluster{read->system_id, read->timeline, read->shut_down};
        } else if (control || control.error().code != errc::not_found) {
            found_.warnings.push_back(fmt::format(
                "whose the files in '{}' are is not known: {}", where_.data_directory.native(),
                control ? "pg_control is not understood" : control.error().detail));
        }
    }

    /// A new directory grows beside the data directory; where this is a file system of its own, it
    /// grows within.
    void measure() {
        const auto folder = nearest_folder(where_.data_directory);
        struct statvfs disk = {};
        if (::statvfs(folder.c_str(), &disk) != 0) {
            found_.warnings.push_back(fmt::format(
                "the room in '{}' is not known: {}", folder.native(),
                std::generic_category().message(errno)));
            return;
        }
        found_.room = disk_room{
            .free_bytes = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize,
            .data_bytes = where_.exists ? bytes_below(where_.data_directory) : 0};
    }

    const place_question& asked_;
    place where_ = {};
    surroundings found_ = {};
};

} // namespace

surroundings look_at_place(const place_question& asked) {
    return look(asked).go();
}

} // namespace restpoint::restore
