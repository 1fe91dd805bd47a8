#include "jobs/log_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

namespace restpoint::jobs {

namespace {

failure refusal(const char* what, const std::filesystem::path& path, int error_number) {
    auto failed = system_failure(fmt::format("cannot {} '{}'", what, path.native()), error_number);
    if (error_number == ENOENT || error_number == ENOTDIR) {
        failed = {
            errc::gone, fmt::format("the log '{}' is not there", path.native()),
            "the job wrote none, or it was removed"};
    } else if (error_number == EMFILE || error_number == ENFILE) {
        failed.code = errc::unavailable;
        failed.hint = "too many files are open; try again, or raise the limit (ulimit -n)";
    }
    return failed;
}

boost::system::error_code last_error() {
    return {errno, boost::system::system_category()};
}

bool means_cold(int error_number) {
    // EINVAL and ENOSYS: kernels and sandboxes that do not know the call or its flag.
    return error_number == EAGAIN || error_number == EOPNOTSUPP || error_number == EINVAL ||
           error_number == ENOSYS;
}

} // namespace

result<std::shared_ptr<const log_file>> log_file::open(const std::filesystem::path& path) {
    unique_fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    if (!fd) {
        return refusal("open", path, errno);
    }
    struct stat found{};
    if (::fstat(fd.get(), &found) != 0) {
        return refusal("look at", path, errno);
    }
    if (!S_ISREG(found.st_mode)) {
        return failure{errc::io, fmt::format("the log '{}' is not a regular file", path.native())};
    }
    return std::shared_ptr<const log_file>(new log_file(std::move(fd)));
}

std::uint64_t log_file::size() const {
    struct stat found{};
    return ::fstat(fd_.get(), &found) == 0 ? static_cast<std::uint64_t>(found.st_size) : 0;
}

bool log_file::removed() const {
    struct stat found{};
    return ::fstat(fd_.get(), &found) == 0 && found.st_nlink == 0;
}

boost::system::result<std::size_t> log_file::read(
    std::uint64_t offset, std::span<char> target, reading how) const {
    const int flags = how == reading::only_warm ? RWF_NOWAIT : 0;
    std::size_t filled = 0;
    while (filled < target.size()) {
        const auto rest = target.subspan(filled);
        const iovec place{rest.data(), rest.size()};
        const auto at = static_cast<off_t>(offset + filled);
        const auto n = flags != 0 ? ::preadv2(fd_.get(), &place, 1, at, flags)
                                  : ::pread(fd_.get(), rest.data(), rest.size(), at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && flags != 0 && means_cold(errno)) {
            return boost::system::error_code(EAGAIN, boost::system::system_category());
        }
        if (n < 0) {
            return last_error();
        }
        if (n == 0) {
            break;
        }
        filled += static_cast<std::size_t>(n);
    }
    return filled;
}

result<std::uint64_t> size_of_log(const std::filesystem::path& path) {
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0) {
        return refusal("look at", path, errno);
    }
    return static_cast<std::uint64_t>(found.st_size);
}

} // namespace restpoint::jobs
