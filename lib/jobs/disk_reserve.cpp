#include "jobs/disk_reserve.hpp"

#include "base/file.hpp"
#include "base/log.hpp"
#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <random>
#include <string>

namespace restpoint::jobs {

namespace {

/// Bytes that no file system can compress away, as it could a reserve of zeros.
std::string incompressible(std::size_t bytes) {
    std::minstd_rand numbers{1};
    std::string content(bytes, '\0');
    for (auto& c : content) {
        c = static_cast<char>(numbers() >> 8U);
    }
    return content;
}

bool allocated(const std::filesystem::path& file, std::size_t bytes) {
    struct stat found{};
    return ::stat(file.c_str(), &found) == 0 && S_ISREG(found.st_mode) &&
           found.st_size == static_cast<off_t>(bytes) &&
           found.st_blocks * 512 >= found.st_size; // stat(2): st_blocks counts 512 bytes each
}

result<> fill(int fd, std::size_t bytes) {
    if (auto written = write_all(fd, incompressible(bytes)); !written) {
        return written;
    }
    if (::fsync(fd) != 0) { // delayed allocation finds out here
        return system_failure("cannot sync", errno);
    }
    return {};
}

} // namespace

result<> disk_reserve::make() {
    if (allocated(file_, size)) {
        there_ = true;
        return {};
    }
    const unique_fd fd{
        ::open(file_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)};
    auto made = fd ? fill(fd.get(), size) : system_failure("cannot create", errno);
    if (!made) {
        ::unlink(file_.c_str());
        return failure{
            errc::unusable_state,
            fmt::format(
                "no reserve of {} bytes in '{}': {}", size, file_.native(), made.error().detail),
            fmt::format("free space on the file system of '{}'", file_.parent_path().native())};
    }
    there_ = true;
    return {};
}

bool disk_reserve::release() {
    if (!there_) {
        return false;
    }
    there_ = false;
    if (::unlink(file_.c_str()) != 0) {
        return false;
    }
    log::warn("no space left for the state: the reserve is used up", {{"file", file_.native()}});
    return true;
}

void disk_reserve::restore() {
    if (there_) {
        return;
    }
    struct statvfs space{};
    if (::statvfs(file_.parent_path().c_str(), &space) != 0) {
        return;
    }
    // With less, it would take back at once what it has just given.
    if (std::uint64_t{space.f_bavail} * space.f_frsize < 4 * size) {
        return;
    }
    if (make()) {
        log::info("there is room for the reserve again", {{"file", file_.native()}});
    }
}

} // namespace restpoint::jobs
