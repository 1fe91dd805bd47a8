// What the tests of processes share: a folder of their own, waiting for a condition, a look at what
// is left behind.
#pragma once

#include "process/identity.hpp"
#include "process/spawn.hpp"
#include "support/catch.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace restpoint::process::test {

/// A folder that goes with the test.
class scratch {
  public:
    scratch() {
        std::string name = (std::filesystem::temp_directory_path() / "restpointXXXXXX").native();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        root_ = name;
    }
    scratch(const scratch&) = delete;
    scratch& operator=(const scratch&) = delete;
    ~scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }
    [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
        return root_ / name;
    }
    [[nodiscard]] const std::filesystem::path& path() const { return root_; }

  private:
    std::filesystem::path root_;
};

/// Looks at `condition` until it holds; false when it does not within ten seconds.
template <class Condition>
bool eventually(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

inline std::string content_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// The pid that a script wrote, once its line is whole; 0 before.
inline pid_t pid_in(const std::filesystem::path& file) {
    const auto text = content_of(file);
    return text.ends_with('\n') ? static_cast<pid_t>(std::stol(text)) : 0;
}

/// Our open descriptors.
inline std::set<int> open_descriptors() {
    std::set<int> found;
    DIR* const listing = ::opendir("/proc/self/fd");
    REQUIRE(listing != nullptr);
    while (const auto* const entry = ::readdir(listing)) {
        const int fd = std::atoi(entry->d_name);
        if (entry->d_name[0] != '.' && fd != ::dirfd(listing)) {
            found.insert(fd);
        }
    }
    ::closedir(listing);
    return found;
}

/// Whether we have a child, alive or a zombie.
inline bool has_children() {
    siginfo_t ignored{};
    return ::waitid(P_ALL, 0, &ignored, WEXITED | WNOHANG | WNOWAIT) == 0;
}

inline bool is_gone(pid_t pid) {
    return pid > 0 && !identify(pid);
}

/// As an old kernel or a strict sandbox: the system call does not exist, for this process and its
/// children, for ever. Call it in a fork.
inline void forbid(unsigned call) {
    std::array<sock_filter, 4> code{
        sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
        sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, call},
        sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | ENOSYS},
        sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
    const sock_fprog program{code.size(), code.data()};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        ::_exit(2);
    }
}

/// The exit code of `part`, run in a fork of its own; -1 when a signal ended it.
template <class Part>
int in_fork(Part part) {
    const pid_t child = ::fork();
    if (child == 0) {
        int code = 99;
        try {
            code = part();
        } catch (...) { // a failed REQUIRE must not go on with the test in the fork
        }
        ::_exit(code);
    }
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// The reading end of a pipe that has ended, and so is readable.
inline boost::asio::posix::stream_descriptor readable_pipe(boost::asio::io_context& loop) {
    int ends[2] = {-1, -1};
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    ::close(ends[1]);
    return {loop, ends[0]};
}

/// Leaves in `loop` an event of a descriptor that is closed by now, and whose bookkeeping goes to
/// the next descriptor that comes: its first wait completes though nothing has happened.
inline void leave_stale_event(boost::asio::io_context& loop) {
    using boost::asio::posix::stream_descriptor;
    auto first = readable_pipe(loop);
    auto second = readable_pipe(loop);
    const auto completed = std::make_shared<int>(0); // the second handler comes when we are gone
    for (auto* const pipe : {&first, &second}) {
        pipe->async_wait(stream_descriptor::wait_read, [completed](auto) { ++*completed; });
    }
    // Both are reported at once; only the first is served.
    REQUIRE(loop.poll_one() == 1);
    REQUIRE(*completed == 1);
    first.close();
    second.close(); // last, so that its bookkeeping is the first to be reused
}

inline spawn_request shell(const std::string& script, std::vector<std::string> environment = {}) {
    environment.emplace_back("PATH=/usr/bin:/bin");
    return {.argv = {"sh", "-c", script}, .environment = std::move(environment)};
}

struct ended {
    int status = -1; ///< as waitpid(2) gives it
    std::string out = {};
};

/// Runs `what` to its end with its standard output in a pipe.
inline ended run_to_end(spawn_request what) {
    int ends[2] = {-1, -1};
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    what.descriptors.push_back({ends[1], STDOUT_FILENO});
    const auto child = spawn(what);
    ::close(ends[1]);
    ended found;
    char block[4096];
    for (;;) {
        const auto n = ::read(ends[0], block, sizeof block);
        if (n <= 0) {
            break;
        }
        found.out.append(block, static_cast<std::size_t>(n));
    }
    ::close(ends[0]);
    if (!child) {
        FAIL(child.error().detail);
    }
    REQUIRE(::waitpid(*child, &found.status, 0) == *child);
    return found;
}

} // namespace restpoint::process::test
