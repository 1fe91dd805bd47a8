// What the tests of the store and its directory share.
#pragma once

#include "jobs/store.hpp"
#include "support/catch.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <sched.h>
#include <sys/mount.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

namespace restpoint::jobs::test {

/// A folder of its own for each test case, gone afterwards.
class temporary_folder {
  public:
    temporary_folder() {
        auto name = (std::filesystem::temp_directory_path() / "restpoint-XXXXXX").native();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("mkdtemp");
        }
        path_ = name;
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

/// A small file system over a folder; needs root. In a name space of its own, so that nothing stays
/// mounted however the test ends.
class small_disk {
  public:
    small_disk(const std::filesystem::path& where, const char* options) : where_(where) {
        static const bool is_private = ::unshare(CLONE_NEWNS) == 0;
        mounted_ = is_private && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                   ::mount("tmpfs", where.c_str(), "tmpfs", 0, options) == 0;
        error_ = mounted_ ? 0 : errno;
    }
    small_disk(const small_disk&) = delete;
    small_disk& operator=(const small_disk&) = delete;
    ~small_disk() {
        if (mounted_) {
            ::umount2(where_.c_str(), MNT_DETACH);
        }
    }

    /// False when this machine does not let us mount: said loudly, and a failure under CI=true.
    [[nodiscard]] bool usable() const {
        if (mounted_) {
            return true;
        }
        const auto* ci = std::getenv("CI");
        const auto why = std::string("SKIPPED, cannot mount a tmpfs: ") + std::strerror(error_);
        if (ci != nullptr && std::string(ci) == "true") {
            FAIL(why);
        }
        WARN(why);
        return false;
    }

    [[nodiscard]] bool make_read_only() const {
        return ::mount("tmpfs", where_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) == 0;
    }

  private:
    std::filesystem::path where_;
    bool mounted_ = false;
    int error_ = 0;
};

/// Runs `task` to its end and returns what it returned; throws after ten seconds.
template <class T>
T run(boost::asio::awaitable<T> task) {
    boost::asio::io_context loop;
    std::optional<T> answer;
    std::exception_ptr thrown;
    boost::asio::co_spawn(
        loop, std::move(task), [&answer, &thrown](std::exception_ptr failed, T got) {
            thrown = failed;
            answer = std::move(got);
        });
    loop.run_for(std::chrono::seconds(10));
    if (thrown) {
        std::rethrow_exception(thrown);
    }
    if (!answer) {
        throw std::runtime_error("no answer within 10 seconds");
    }
    return std::move(*answer);
}

/// The opened store, or the end of the test case.
inline std::unique_ptr<store> opened(const std::filesystem::path& folder) {
    auto rows = store::open(folder);
    if (!rows) {
        FAIL(rows.error().detail);
    }
    return std::move(*rows);
}

inline job a_backup(job_state state = job_state::queued) {
    job made;
    made.spec.stanza = "main";
    made.state = state;
    made.requested_by = "http 127.0.0.1";
    made.created = wall_time{std::chrono::seconds{1'795'336'176}};
    return made;
}

} // namespace restpoint::jobs::test
