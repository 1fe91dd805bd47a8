#include "process/shim_claim.hpp"

#include "base/file.hpp"

#include <boost/json.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <stdexcept>

namespace restpoint::process {

namespace {

using claimed = boost::system::result<shim_claim, refusal>;

constexpr off_t reserved_bytes = 4096;
constexpr int lock_attempts = 20;

refusal refuse(std::string_view what, const std::filesystem::path& path, int error) {
    const bool full = error == ENOSPC || error == EDQUOT;
    return {
        full ? shim_exit::no_room : shim_exit::refused,
        system_failure(fmt::format("{} '{}'", what, path.native()), error).detail};
}

std::filesystem::path unpublished(const job_files& files) {
    return {files.exit.native() + ".tmp"};
}

void wait_a_moment() {
    constexpr timespec moment{0, 10'000'000};
    ::nanosleep(&moment, nullptr);
}

/// Whether `path` still names what `fd` has open.
bool is_there(int fd, const std::filesystem::path& path) {
    struct stat mine{};
    struct stat named{};
    return ::fstat(fd, &mine) == 0 && ::stat(path.c_str(), &named) == 0 &&
           mine.st_dev == named.st_dev && mine.st_ino == named.st_ino;
}

/// Reserves the first bytes of the file. Where the file system cannot do that (EOPNOTSUPP), blanks
/// are written, which takes the same room on all but copying ones.
bool reserve(int fd) {
    int done = -1;
    do {
        done = ::fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, reserved_bytes);
    } while (done != 0 && errno == EINTR);
    if (done == 0) {
        return true;
    }
    if (errno != EOPNOTSUPP && errno != ENOSYS) {
        return false;
    }
    const auto written = write_all(fd, std::string(reserved_bytes, ' '));
    return written && ::lseek(fd, 0, SEEK_SET) == 0;
}

/// The lock, or -1 in it: then `error` says why. Tries again for a while: tree_is_alive() looks at
/// the lock by taking it for a moment, and a file that was removed since we opened it is no lock.
unique_fd take_lock(const std::filesystem::path& path, int& error) {
    for (int i = 0; i < lock_attempts; ++i) {
        unique_fd fd{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
        if (!fd) {
            error = errno;
            return {};
        }
        if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
            error = errno;
            wait_a_moment();
        } else if (is_there(fd.get(), path)) {
            return fd;
        } else {
            error = EWOULDBLOCK;
        }
    }
    return {};
}

} // namespace

void throw_exception_from_error(const refusal& what, const boost::source_location& /*where*/) {
    throw std::logic_error(what.why);
}

claimed claim_job(const job_files& files) {
    shim_claim claim{files};
    int error = 0;
    claim.lock = take_lock(files.lock, error);
    if (!claim.lock && error == EWOULDBLOCK) {
        return refusal{
            shim_exit::already_running,
            fmt::format("another process holds '{}'", files.lock.native())};
    }
    // What an earlier tree left in it names nobody any more.
    if (!claim.lock || ::ftruncate(claim.lock.get(), 0) != 0 || !reserve(claim.lock.get())) {
        return refuse("cannot lock", files.lock, claim.lock ? errno : error);
    }
    if (::access(files.exit.c_str(), F_OK) == 0) {
        return refusal{
            shim_exit::already_reported,
            fmt::format("'{}' is there: this job has been run", files.exit.native())};
    }
    claim.log.reset(::open(files.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!claim.log) {
        return refuse("cannot open", files.log, errno);
    }
    const auto report = unpublished(files);
    claim.report.reset(::open(report.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!claim.report || !reserve(claim.report.get())) {
        const int why = errno;
        ::unlink(report.c_str());
        return refuse("cannot reserve room for", report, why);
    }
    return claim;
}

void name_child(const shim_claim& claim, const identity& child) {
    const auto text = boost::json::serialize(boost::json::object{
        {"pid", child.pid}, {"start_ticks", child.start_ticks}, {"boot_id", child.boot_id}});
    // In the reserved room, and one write: a reader sees all of it or nothing. Should it fail, the
    // lock itself still leads to the child.
    if (::pwrite(claim.lock.get(), text.data(), text.size(), 0) ==
        static_cast<ssize_t>(text.size())) {
        [[maybe_unused]] const auto cut =
            ::ftruncate(claim.lock.get(), static_cast<off_t>(text.size()));
    }
}

result<> publish(const shim_claim& claim, const exit_report& report) {
    const auto temporary = unpublished(claim.files);
    const auto text = to_json(report) + "\n";
    if (::lseek(claim.report.get(), 0, SEEK_SET) != 0) {
        return system_failure(fmt::format("cannot write '{}'", temporary.native()), errno);
    }
    if (auto written = write_all(claim.report.get(), text); !written) {
        return written;
    }
    if (::ftruncate(claim.report.get(), static_cast<off_t>(text.size())) != 0 ||
        ::fsync(claim.report.get()) != 0) {
        return system_failure(fmt::format("cannot sync '{}'", temporary.native()), errno);
    }
    if (::rename(temporary.c_str(), claim.files.exit.c_str()) != 0 &&
        // Renamed by an earlier attempt, whose sync of the folder failed.
        !is_there(claim.report.get(), claim.files.exit)) {
        return system_failure(
            fmt::format("cannot rename to '{}'", claim.files.exit.native()), errno);
    }
    return sync_folder(claim.files.exit.parent_path());
}

} // namespace restpoint::process
