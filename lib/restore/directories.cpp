#include "restore/directories.hpp"

#include "backrest/wal_name.hpp"
#include "base/file.hpp"
#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <sstream>

namespace fs = std::filesystem;

namespace restpoint::restore {
namespace {

constexpr std::string_view inner_work = ".restpoint";

/// What lies in a data directory that is a mount point and is no part of the cluster.
bool is_no_entry(std::string_view name) {
    return name == inner_work || name == "lost+found";
}

failure from_error(std::string_view what, const fs::path& path, const std::error_code& bad) {
    return system_failure(fmt::format("{} '{}'", what, path.native()), bad.value());
}

/// mountinfo writes blanks and the like as three octal digits.
std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 3 < text.size()) {
            out += static_cast<char>(
                (text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
            i += 3;
        } else {
            out += text[i];
        }
    }
    return out;
}

/// Where a link leads, its own links resolved: a name beside it can be made of it by adding to it.
fs::path location_of(const fs::path& to) {
    std::error_code bad;
    const auto real = fs::weakly_canonical(to, bad);
    const auto plain = (bad ? to : real).lexically_normal();
    return plain.has_filename() ? plain : plain.parent_path();
}

bool lies_in(const fs::path& path, const std::string& directory) {
    const auto& text = path.native();
    return text == directory || (text.starts_with(directory) && text.size() > directory.size() &&
                                 text[directory.size()] == '/');
}

/// Whether a link of /proc leads into the directory.
bool leads_into(const fs::path& link, const std::string& directory) {
    std::error_code gone;
    const auto to = fs::read_symlink(link, gone);
    return !gone && lies_in(to, directory);
}

bool uses(const fs::path& process, const std::string& directory) {
    if (leads_into(process / "cwd", directory)) {
        return true;
    }
    std::error_code gone;
    for (auto it = fs::directory_iterator(process / "fd", gone);
         !gone && it != fs::directory_iterator(); it.increment(gone)) {
        if (leads_into(it->path(), directory)) {
            return true;
        }
    }
    return false;
}

/// What of a data directory's top is the server's state and not its configuration.
bool is_state(std::string_view name) {
    constexpr std::array<std::string_view, 5> states{
        "PG_VERSION", "postmaster.pid", "current_logfiles", "backup_manifest", "tablespace_map"};
    return std::find(states.begin(), states.end(), name) != states.end() ||
           name.starts_with("backup_label") || name.ends_with(".signal") ||
           name.ends_with(".tmp") || name.starts_with("pgsql_tmp");
}

} // namespace

std::vector<outside_directory> outside_of(const fs::path& data) {
    return outside_of(data, data);
}

std::vector<outside_directory> outside_of(const fs::path& data, const fs::path& home) {
    std::vector<outside_directory> found;
    std::error_code bad;
    const auto add = [&](const fs::path& link, std::string name) {
        std::error_code no_link;
        auto to = fs::read_symlink(link, no_link);
        if (!no_link) {
            // An absolute one takes the place of what it is appended to.
            const auto from = (home / name).parent_path();
            found.push_back({std::move(name), location_of(from / to)});
        }
    };
    for (auto it = fs::directory_iterator(data / "pg_tblspc", bad);
         !bad && it != fs::directory_iterator(); it.increment(bad)) {
        add(it->path(), "pg_tblspc/" + it->path().filename().native());
    }
    std::sort(
        found.begin(), found.end(), [](const auto& a, const auto& b) { return a.link < b.link; });
    add(data / "pg_wal", "pg_wal");
    return found;
}

std::string foreign_in(const fs::path& tablespace, std::string_view version) {
    const auto ours = fmt::format("PG_{}_", version);
    std::error_code bad;
    for (auto it = fs::directory_iterator(tablespace, bad); !bad && it != fs::directory_iterator();
         it.increment(bad)) {
        auto name = it->path().filename().native();
        if (!name.starts_with(ours)) {
            return name;
        }
    }
    return {};
}

bool is_empty_or_missing(const fs::path& directory) {
    std::error_code bad;
    for (auto it = fs::directory_iterator(directory, bad); !bad && it != fs::directory_iterator();
         it.increment(bad)) {
        if (!is_no_entry(it->path().filename().native())) {
            return false;
        }
    }
    return !bad || bad == std::errc::no_such_file_or_directory;
}

bool is_mount_point(const fs::path& directory) {
    const auto wanted = location_of(directory);
    std::ifstream mounts("/proc/self/mountinfo");
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream words(line);
        std::string word;
        // ID, parent's ID, device, root, mount point
        for (int i = 0; i < 5 && words >> word; ++i) {
        }
        if (unescaped(word) == wanted.native()) {
            return true;
        }
    }
    return false;
}

fs::path work_root(const fs::path& data) {
    return is_mount_point(data) ? data / inner_work : fs::path(data.native() + ".restpoint");
}

result<> move_entries(const fs::path& from, const fs::path& to) {
    std::error_code bad;
    if (fs::create_directories(to, bad)) {
        fs::permissions(to, fs::perms::owner_all, bad);
    }
    if (bad) {
        return from_error("cannot make", to, bad);
    }
    std::vector<fs::path> entries;
    for (auto it = fs::directory_iterator(from, bad); !bad && it != fs::directory_iterator();
         it.increment(bad)) {
        if (!is_no_entry(it->path().filename().native())) {
            entries.push_back(it->path());
        }
    }
    if (bad) {
        return from_error("cannot list", from, bad);
    }
    for (const auto& entry : entries) {
        if (::rename(entry.c_str(), (to / entry.filename()).c_str()) != 0) {
            return system_failure(
                fmt::format("cannot move '{}' to '{}'", entry.native(), to.native()), errno);
        }
    }
    for (const auto& folder : {from, to, to.parent_path()}) {
        if (auto synced = sync_folder(folder); !synced) {
            return synced;
        }
    }
    return {};
}

result<> rename_directory(const fs::path& from, const fs::path& to) {
    std::error_code ignored;
    const bool done = fs::symlink_status(from, ignored).type() == fs::file_type::not_found &&
                      fs::exists(to, ignored);
    if (!done && ::rename(from.c_str(), to.c_str()) != 0) {
        return system_failure(
            fmt::format("cannot rename '{}' to '{}'", from.native(), to.native()), errno);
    }
    // Also when it was done before: by one that may have been killed in between.
    if (auto synced = sync_folder(from.parent_path()); !synced) {
        return synced;
    }
    return sync_folder(to.parent_path());
}

result<> point_link(const fs::path& data, const outside_directory& where) {
    const auto link = data / where.link;
    const auto fresh = fs::path(link.native() + ".restpoint");
    std::error_code bad;
    fs::remove(fresh, bad);
    fs::create_symlink(where.location, fresh, bad);
    if (bad) {
        return from_error("cannot make the link", fresh, bad);
    }
    if (::rename(fresh.c_str(), link.c_str()) != 0) {
        return system_failure(fmt::format("cannot replace the link '{}'", link.native()), errno);
    }
    return sync_folder(link.parent_path());
}

result<> copy_synced(const fs::path& file, const fs::path& into) {
    const auto to = into / file.filename();
    const auto fresh = fs::path(to.native() + ".restpoint");
    std::error_code bad;
    fs::copy_file(file, fresh, fs::copy_options::overwrite_existing, bad);
    if (bad) {
        auto why = from_error("cannot copy to", into, bad);
        fs::remove(fresh, bad);
        return why;
    }
    const unique_fd copy{::open(fresh.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!copy || ::fsync(copy.get()) != 0 || ::rename(fresh.c_str(), to.c_str()) != 0) {
        return system_failure(fmt::format("cannot keep '{}'", to.native()), errno);
    }
    return sync_folder(into);
}

std::vector<fs::path> configuration_files(const fs::path& data) {
    std::vector<fs::path> found;
    std::error_code bad;
    for (auto it = fs::directory_iterator(data, bad); !bad && it != fs::directory_iterator();
         it.increment(bad)) {
        std::error_code gone;
        if (it->is_regular_file(gone) && !is_state(it->path().filename().native())) {
            found.push_back(it->path());
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

std::string who_uses(const fs::path& directory) {
    std::error_code bad;
    const auto real = fs::weakly_canonical(directory, bad).native();
    const auto ours = std::to_string(::getpid());
    for (auto it = fs::directory_iterator("/proc", bad); !bad && it != fs::directory_iterator();
         it.increment(bad)) {
        const auto name = it->path().filename().native();
        if (name.find_first_not_of("0123456789") != name.npos || name == ours ||
            !uses(it->path(), real)) {
            continue;
        }
        std::ifstream title(it->path() / "cmdline");
        std::string text;
        std::getline(title, text, '\0');
        return fmt::format("{} {}", name, text);
    }
    return bad ? "that cannot be seen (/proc cannot be read)" : "";
}

namespace {

template <typename Wanted>
std::vector<std::string> names_in(const fs::path& folder, Wanted wanted) {
    std::vector<std::string> found;
    std::error_code bad;
    for (auto it = fs::directory_iterator(folder, bad); !bad && it != fs::directory_iterator();
         it.increment(bad)) {
        auto name = it->path().filename().native();
        if (wanted(name)) {
            found.push_back(std::move(name));
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

} // namespace

std::vector<std::string> segments_in(const fs::path& folder) {
    return names_in(folder, [](const std::string& name) {
        return backrest::parse_segment_name(name).has_value();
    });
}

std::vector<std::string> histories_in(const fs::path& folder) {
    return names_in(folder, [](std::string_view name) {
        constexpr std::string_view suffix = ".history";
        return name.ends_with(suffix) &&
               backrest::parse_timeline(name.substr(0, name.size() - suffix.size())).has_value();
    });
}

} // namespace restpoint::restore
