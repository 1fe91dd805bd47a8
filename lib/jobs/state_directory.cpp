#include "jobs/state_directory.hpp"

#include "base/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace restpoint::jobs {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t least_free = 16U << 20U;

failure unusable(std::string detail, std::string hint) {
    return {errc::unusable_state, std::move(detail), std::move(hint)};
}

/// The failure of a call on `path`, with errno as it stands.
failure unusable_call(std::string_view what, const fs::path& path) {
    const int error = errno;
    auto hint =
        error == EROFS    ? fmt::format("mount the file system of '{}' writable", path.native())
        : error == ENOSPC ? fmt::format("free space on the file system of '{}'", path.native())
                          : fmt::format(
                                "'{}' must be a folder that uid {} may read and write",
                                path.native(), ::geteuid());
    auto failed = system_failure(fmt::format("cannot {} '{}'", what, path.native()), error);
    return unusable(std::move(failed.detail), std::move(hint));
}

/// Makes `folder`, not its parents: a typing error must not grow a tree.
result<> make_folder(const fs::path& folder) {
    if (::mkdir(folder.c_str(), 0700) == 0) {
        if (auto synced = sync_folder(folder.parent_path()); !synced) {
            return unusable(synced.error().detail, synced.error().hint);
        }
        return {};
    }
    if (errno == EEXIST) {
        return {};
    }
    if (errno == ENOENT) {
        return unusable(
            fmt::format(
                "cannot make '{}': the folder '{}' is not there", folder.native(),
                folder.parent_path().native()),
            fmt::format("make '{}' first", folder.parent_path().native()));
    }
    return unusable_call("make the folder", folder);
}

/// A folder, ours, that nobody else can put files into.
result<> check_owner(const fs::path& folder) {
    struct stat found{};
    if (::stat(folder.c_str(), &found) != 0) {
        return unusable_call("look at", folder);
    }
    if (!S_ISDIR(found.st_mode)) {
        return unusable(
            fmt::format("'{}' is not a folder", folder.native()), "name a folder for the state");
    }
    if (found.st_uid != ::geteuid()) {
        return unusable(
            fmt::format(
                "'{}' belongs to uid {}, and restpoint runs as uid {}", folder.native(),
                found.st_uid, ::geteuid()),
            fmt::format(
                "run as that user, or 'chown {} {}', or name a folder below it that restpoint can "
                "make",
                ::geteuid(), folder.native()));
    }
    if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return unusable(
            fmt::format(
                "'{}' has mode {:04o}: others may write into it", folder.native(),
                found.st_mode & 07777U),
            fmt::format("'chmod 700 {}'", folder.native()));
    }
    return {};
}

result<> check_space(const fs::path& folder) {
    struct statvfs space{};
    if (::statvfs(folder.c_str(), &space) != 0) {
        return unusable_call("look at the file system of", folder);
    }
    if ((space.f_flag & ST_RDONLY) != 0) {
        return unusable(
            fmt::format("'{}' is on a read-only file system", folder.native()),
            "mount it writable, or name another state directory");
    }
    const auto free = std::uint64_t{space.f_bavail} * space.f_frsize;
    if (free < least_free) {
        return unusable(
            fmt::format(
                "{} MiB are free for '{}', and {} are needed", free >> 20U, folder.native(),
                least_free >> 20U),
            "free space, or name a state directory on another file system");
    }
    if (space.f_files != 0 && space.f_favail == 0) {
        return unusable(
            fmt::format("the file system of '{}' has no free inodes", folder.native()),
            "remove files, or name a state directory on another file system");
    }
    return {};
}

result<> check_file_system(const fs::path& folder) {
    struct statfs found{};
    if (::statfs(folder.c_str(), &found) != 0) {
        return unusable_call("look at the file system of", folder);
    }
    const auto name = network_file_system(static_cast<std::uint32_t>(found.f_type));
    if (!name.empty()) {
        return unusable(
            fmt::format("'{}' is on {}, where SQLite's WAL mode is unsafe", folder.native(), name),
            "name a state directory on a local file system");
    }
    return check_space(folder);
}

failure held_by_another(const fs::path& folder, const fs::path& file) {
    // Read while the other may be writing: an empty file is no pid yet.
    const auto content = read_file(file, 64);
    const auto pid = content ? content->substr(0, content->find('\n')) : std::string();
    return {
        errc::conflict,
        fmt::format(
            "another restpoint{} holds '{}'", pid.empty() ? "" : fmt::format(" (pid {})", pid),
            folder.native()),
        "stop it, or name another state directory: one restpoint for each"};
}

result<unique_fd> take_lock(const fs::path& folder) {
    const auto file = folder / "restpoint.lock";
    unique_fd lock{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!lock) {
        return unusable_call("open the lock", file);
    }
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) {
            return held_by_another(folder, file);
        }
        return unusable_call("lock", file);
    }
    if (::ftruncate(lock.get(), 0) != 0) {
        return unusable_call("empty the lock", file);
    }
    if (auto written = write_all(lock.get(), fmt::format("{}\n", ::getpid())); !written) {
        return unusable(written.error().detail, "free space in the state directory");
    }
    return lock;
}

/// Writes, syncs, renames and reads back a file, which is what every later file will need.
result<> try_writing(const fs::path& folder) {
    const auto file = folder / "restpoint.probe";
    const std::string content = "restpoint can write here\n";
    auto written = write_file(file, content);
    const auto read = written ? read_file(file) : result<std::string>(written.error());
    ::unlink(file.c_str());
    if (!read) {
        return unusable(
            read.error().detail,
            fmt::format("'{}' must be writable and have space", folder.native()));
    }
    if (*read != content) {
        return unusable(
            fmt::format("'{}' gives back something else than was written", folder.native()),
            "look at the disk of the state directory");
    }
    return {};
}

result<fs::path> made_absolute(const fs::path& path) {
    if (path.empty()) {
        return unusable("the state directory has no name", "set state.dir");
    }
    std::error_code bad;
    auto whole = fs::absolute(path, bad).lexically_normal();
    if (bad) {
        return unusable(
            fmt::format("cannot tell where '{}' is: {}", path.native(), bad.message()),
            "set state.dir to an absolute path");
    }
    // "/x/" has no last component to make.
    return whole.has_filename() ? whole : whole.parent_path();
}

} // namespace

std::string_view network_file_system(std::uint32_t magic) {
    // statfs(2) and linux/magic.h; the headers do not have them all.
    switch (magic) {
    case 0x6969:
        return "NFS";
    case 0x517B:
    case 0xFF534D42:
    case 0xFE534D42:
        return "SMB";
    case 0x65735546:
        return "FUSE";
    case 0x01021997:
        return "9p";
    case 0x00C36400:
        return "Ceph";
    case 0x01161970:
        return "GFS2";
    case 0x0BD00BD0:
        return "Lustre";
    case 0x5346414F:
    case 0x6B414653:
        return "AFS";
    case 0x7461636F:
        return "OCFS2";
    case 0x47504653:
        return "GPFS";
    case 0x19830326:
        return "BeeGFS";
    case 0x786F4256:
        return "a VirtualBox shared folder";
    default:
        return {};
    }
}

state_directory::state_directory(fs::path path, unique_fd lock)
    : path_(std::move(path)), lock_(std::move(lock)) {}

result<state_directory> state_directory::claim(const fs::path& path) {
    const auto folder = made_absolute(path);
    if (!folder) {
        return folder.error();
    }
    for (const auto step : {make_folder, check_owner, check_file_system}) {
        if (auto passed = step(*folder); !passed) {
            return passed.error();
        }
    }
    auto lock = take_lock(*folder);
    if (!lock) {
        return lock.error();
    }
    const auto inner = *folder / "jobs";
    for (const auto step : {make_folder, check_owner, check_file_system, try_writing}) {
        if (auto passed = step(inner); !passed) {
            return passed.error();
        }
    }
    return state_directory(*folder, std::move(*lock));
}

} // namespace restpoint::jobs
