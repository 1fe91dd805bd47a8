// The restpoint binary run to its end, without a shell in between.
#pragma once

#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace restpoint::test {

struct ended {
    int exit_code = -1; ///< -1: by a signal
    std::string out = {};
    std::string err = {};
};

namespace detail {

struct pipe_ends {
    unique_fd read;
    unique_fd write;
};

inline pipe_ends make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw std::runtime_error("no pipe");
    }
    return {unique_fd{ends[0]}, unique_fd{ends[1]}};
}

/// Reads both to their ends; a program that does not end in time is killed and fails the test.
inline void drain(pid_t pid, std::array<unique_fd, 2>& from, std::array<std::string*, 2> into) {
    constexpr int deadline = 20000;
    std::array<pollfd, 2> waiting{{{from[0].get(), POLLIN, 0}, {from[1].get(), POLLIN, 0}}};
    while (waiting[0].fd >= 0 || waiting[1].fd >= 0) {
        if (::poll(waiting.data(), waiting.size(), deadline) == 0) {
            ::kill(pid, SIGKILL);
            ::waitpid(pid, nullptr, 0);
            throw std::runtime_error("restpoint did not end in time");
        }
        for (std::size_t i = 0; i < waiting.size(); ++i) {
            if (waiting.at(i).revents == 0) {
                continue;
            }
            std::array<char, 4096> block{};
            const auto n = ::read(waiting.at(i).fd, block.data(), block.size());
            if (n > 0) {
                into.at(i)->append(block.data(), static_cast<std::size_t>(n));
            } else if (n == 0) {
                waiting.at(i).fd = -1;
            }
        }
    }
}

inline std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (auto& text : texts) {
        all.push_back(text.data());
    }
    all.push_back(nullptr);
    return all;
}

} // namespace detail

/// A folder that is gone after the test.
class scratch_folder {
  public:
    scratch_folder() {
        std::string name = (std::filesystem::temp_directory_path() / "restpoint-XXXXXX").native();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("cannot make a folder for the test");
        }
        path_ = name;
    }
    ~scratch_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;

    std::string write(const std::string& name, const std::string& content) const {
        const auto path = path_ / name;
        std::ofstream(path, std::ios::binary) << content;
        return path.native();
    }
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

/// `environment` is the whole of it. Descriptor 3 of the program reads one byte, the shim's word.
inline ended run_restpoint(
    std::vector<std::string> arguments, std::vector<std::string> environment = {}) {
    arguments.insert(arguments.begin(), RESTPOINT_PROGRAM);
    auto out = detail::make_pipe();
    auto err = detail::make_pipe();
    auto word = detail::make_pipe();
    if (::write(word.write.get(), "g", 1) != 1) {
        throw std::runtime_error("cannot write the word");
    }
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, out.write.get(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, err.write.get(), STDERR_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, word.read.get(), 3);
    pid_t pid = -1;
    const int failed = ::posix_spawn(
        &pid, RESTPOINT_PROGRAM, &actions, nullptr, detail::pointers(arguments).data(),
        detail::pointers(environment).data());
    ::posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) {
        throw std::runtime_error("cannot start " RESTPOINT_PROGRAM);
    }
    out.write.reset();
    err.write.reset();

    ended result;
    std::array<unique_fd, 2> readers{std::move(out.read), std::move(err.read)};
    detail::drain(pid, readers, {&result.out, &result.err});
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return result;
}

} // namespace restpoint::test
