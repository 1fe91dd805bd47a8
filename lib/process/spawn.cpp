#include "process/spawn.hpp"

#include "base/unique_fd.hpp"
#include "process/program_path.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace restpoint::process {

namespace {

enum class step : int { descriptors, folder, parent, run };

struct report {
    step at = step::run;
    int error = 0;
};

/// Everything the child needs, made before the fork: after a vfork the child runs in our memory
/// and must neither allocate nor change anything but the `moved` descriptors.
struct plan {
    const char* program = nullptr;
    char* const* argv = nullptr;
    char* const* environment = nullptr;
    const char* folder = nullptr;
    grouping group = grouping::own_session;
    int dies_with_parent = 0;
    pid_t parent = 0;
    int error_pipe = -1;
    std::vector<descriptor> descriptors = {}; ///< sorted by `to`, 0 to 2 among them
    std::vector<int> moved = {};              ///< where each `from` is kept until all are out
};

[[noreturn]] void give_up(int error_pipe, step at, int error) {
    const report failed{at, error};
    // Smaller than PIPE_BUF into an empty pipe: never short, never blocking.
    while (::write(error_pipe, &failed, sizeof failed) < 0 && errno == EINTR) {
    }
    ::_exit(127);
}

/// Handlers must go before the mask does: one that ran here would run in the parent's memory.
void reset_signals() {
    struct sigaction standard{};
    standard.sa_handler = SIG_DFL;
    for (int signal = 1; signal < NSIG; ++signal) {
        ::sigaction(signal, &standard, nullptr);
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

int parse_descriptor(const char* name) {
    int value = 0;
    for (; *name != '\0'; ++name) {
        if (*name < '0' || *name > '9') {
            return -1;
        }
        value = value * 10 + (*name - '0');
    }
    return value;
}

/// For kernels before 5.9, and sandboxes that know no close_range().
bool close_listed(unsigned first, unsigned last) {
    const int listing = ::open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (listing < 0) {
        return false;
    }
    alignas(8) std::array<char, 4096> block{};
    for (;;) {
        const auto n = ::syscall(SYS_getdents64, listing, block.data(), block.size());
        if (n <= 0) {
            ::close(listing);
            return n == 0;
        }
        for (long at = 0; at < n;) {
            // struct linux_dirent64, getdents(2): length at 16, name at 19.
            unsigned short length = 0;
            std::memcpy(&length, block.data() + at + 16, sizeof length);
            const int fd = parse_descriptor(block.data() + at + 19);
            if (fd >= 0 && fd != listing && static_cast<unsigned>(fd) >= first &&
                static_cast<unsigned>(fd) <= last) {
                ::close(fd);
            }
            at += length;
        }
    }
}

void close_between(int error_pipe, int first, int last) {
    if (first > last ||
        ::close_range(static_cast<unsigned>(first), static_cast<unsigned>(last), 0) == 0) {
        return;
    }
    if (!close_listed(static_cast<unsigned>(first), static_cast<unsigned>(last))) {
        give_up(error_pipe, step::descriptors, errno);
    }
}

/// Puts every descriptor in its place, by way of numbers above all of them, so that a `from` that
/// is another's `to` is not overwritten; closes the rest. Returns the error pipe's new number.
int place_descriptors(plan& what) {
    const int above = std::max(what.descriptors.back().to, 2) + 1;
    const int error_pipe = ::fcntl(what.error_pipe, F_DUPFD_CLOEXEC, above);
    if (error_pipe < 0) {
        give_up(what.error_pipe, step::descriptors, errno);
    }
    for (std::size_t i = 0; i < what.descriptors.size(); ++i) {
        what.moved[i] = ::fcntl(what.descriptors[i].from, F_DUPFD_CLOEXEC, above);
        if (what.moved[i] < 0) {
            give_up(error_pipe, step::descriptors, errno);
        }
    }
    int next = 0;
    for (std::size_t i = 0; i < what.descriptors.size(); ++i) {
        const int to = what.descriptors[i].to;
        if (::dup2(what.moved[i], to) < 0) {
            give_up(error_pipe, step::descriptors, errno);
        }
        close_between(error_pipe, next, to - 1);
        next = to + 1;
    }
    close_between(error_pipe, next, error_pipe - 1);
    close_between(error_pipe, error_pipe + 1, INT_MAX);
    return error_pipe;
}

/// Async-signal-safe calls only, no allocation.
[[noreturn]] [[gnu::noinline]] void become_child(plan& what) {
    if (what.group == grouping::own_session) {
        ::setsid();
    } else {
        ::setpgid(0, 0);
    }
    const int error_pipe = place_descriptors(what);
    if (::chdir(what.folder) != 0) {
        give_up(error_pipe, step::folder, errno);
    }
    if (what.dies_with_parent != 0) {
        if (::prctl(PR_SET_PDEATHSIG, what.dies_with_parent) != 0) {
            give_up(error_pipe, step::parent, errno);
        }
        if (::getppid() != what.parent) { // it died before we asked to be told
            ::_exit(127);
        }
    }
    reset_signals();
    ::execve(what.program, what.argv, what.environment);
    give_up(error_pipe, step::run, errno);
}

pid_t fork_child(plan& what) {
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    // vfork: the cost of a fork grows with our memory and descriptors, and the loop stands still
    // meanwhile. What is dangerous about it is kept out of become_child().
    // NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.vfork,bugprone-unsafe-functions)
    const pid_t child = ::vfork();
    if (child == 0) {
        become_child(what); // NOLINT(clang-analyzer-unix.Vfork)
    }
    const int error = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = error;
    return child;
}

failure explain(const report& failed, const spawn_request& what, const std::string& program) {
    switch (failed.at) {
    case step::descriptors:
        return system_failure(
            fmt::format("cannot arrange the descriptors of '{}'", program), failed.error);
    case step::folder:
        return system_failure(
            fmt::format("cannot run '{}' in the folder '{}'", program, what.folder.native()),
            failed.error);
    case step::parent:
        return system_failure(
            fmt::format("cannot tie '{}' to this process", program), failed.error);
    case step::run:
        break;
    }
    auto failure = system_failure(fmt::format("cannot run '{}'", program), failed.error);
    if (failed.error == ENOENT || failed.error == ENOTDIR) {
        failure.code = errc::not_found;
        failure.hint = "check that the program, and the interpreter it names, is installed";
    } else if (failed.error == EACCES) {
        failure.hint = "check its permission bits and those of the folders above it";
    }
    return failure;
}

result<> check(const spawn_request& what) {
    if (what.argv.empty() || what.argv.front().empty()) {
        return failure{errc::invalid, "no program named to run"};
    }
    const auto has_nul = [](const std::string& s) { return s.find('\0') != std::string::npos; };
    if (std::ranges::any_of(what.argv, has_nul) || std::ranges::any_of(what.environment, has_nul) ||
        has_nul(what.folder.native())) {
        return failure{
            errc::invalid,
            fmt::format("an argument of '{}' holds a zero byte", what.argv.front().c_str())};
    }
    return {};
}

std::vector<char*> pointers(const std::vector<std::string>& strings) {
    std::vector<char*> list;
    list.reserve(strings.size() + 1);
    for (const auto& s : strings) {
        list.push_back(const_cast<char*>(s.c_str())); // execve(2) does not write to them
    }
    list.push_back(nullptr);
    return list;
}

/// The descriptors of the child by number, 0 to 2 filled up with `null`.
result<std::vector<descriptor>> complete(std::vector<descriptor> named, int null) {
    for (int standard = 0; standard <= 2; ++standard) {
        if (std::ranges::find(named, standard, &descriptor::to) == named.end()) {
            named.push_back({null, standard});
        }
    }
    std::ranges::sort(named, {}, &descriptor::to);
    const auto twice = std::ranges::adjacent_find(named, {}, &descriptor::to);
    if (named.front().to < 0 || twice != named.end()) {
        return failure{
            errc::invalid, fmt::format(
                               "descriptor {} of a child is named twice or negative",
                               twice != named.end() ? twice->to : named.front().to)};
    }
    return named;
}

/// What the child said before its exec; none when the exec closed the pipe in silence.
report read_report(int fd) {
    report said{};
    for (;;) {
        const auto n = ::read(fd, &said, sizeof said);
        if (n == static_cast<ssize_t>(sizeof said)) {
            return said;
        }
        if (n >= 0 || errno != EINTR) {
            return {};
        }
    }
}

} // namespace

result<pid_t> spawn(const spawn_request& what) {
    if (auto good = check(what); !good) {
        return good.error();
    }
    const auto program = find_program(what.argv.front(), what.environment);
    if (!program) {
        return program.error();
    }
    const unique_fd null{::open("/dev/null", O_RDWR | O_CLOEXEC)};
    std::array<int, 2> ends{-1, -1};
    if (!null || ::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return system_failure(fmt::format("cannot prepare to run '{}'", *program), errno);
    }
    const unique_fd read_end{ends[0]};
    unique_fd write_end{ends[1]};
    auto descriptors = complete(what.descriptors, null.get());
    if (!descriptors) {
        return descriptors.error();
    }
    const auto argv = pointers(what.argv);
    const auto environment = pointers(what.environment);
    std::vector<int> moved(descriptors->size(), -1);
    plan planned{
        .program = program->c_str(),
        .argv = argv.data(),
        .environment = environment.data(),
        .folder = what.folder.c_str(),
        .group = what.group,
        .dies_with_parent = what.dies_with_parent,
        .parent = ::getpid(),
        .error_pipe = write_end.get(),
        .descriptors = std::move(*descriptors),
        .moved = std::move(moved)};

    const pid_t child = fork_child(planned);
    if (child < 0) {
        return system_failure(fmt::format("cannot start a process for '{}'", *program), errno);
    }
    write_end.reset();
    const auto failed = read_report(read_end.get());
    if (failed.error == 0) {
        return child;
    }
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    return explain(failed, what, *program);
}

} // namespace restpoint::process
