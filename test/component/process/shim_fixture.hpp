// A shim in a process of its own, and what a test wants to know of it.
#pragma once

#include "process/job_files.hpp"
#include "process/shim.hpp"
#include "support/catch.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace shim_test {

using namespace restpoint::process;

inline constexpr std::chrono::seconds patience{30};

/// Looks until it is so; false when patience has run out.
inline bool eventually(const std::function<bool()>& is_so) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!is_so()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        constexpr timespec moment{0, 2'000'000};
        ::nanosleep(&moment, nullptr);
    }
    return true;
}

class temporary_folder {
  public:
    temporary_folder() {
        std::string name = "/tmp/restpoint-shim-XXXXXX";
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::string file(std::string_view name) const { return (path_ / name).native(); }

  private:
    std::filesystem::path path_;
};

inline std::string content(const std::filesystem::path& path) {
    const std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

inline void put(const std::filesystem::path& path, std::string_view text) {
    std::ofstream(path, std::ios::binary) << text;
}

inline std::size_t occurrences(std::string_view in, std::string_view of) {
    std::size_t n = 0;
    for (auto at = in.find(of); at != in.npos; at = in.find(of, at + of.size())) {
        ++n;
    }
    return n;
}

inline line_fate judge(std::string_view line) {
    if (line.find("reference pg_data/") != line.npos) {
        return line_fate::drop;
    }
    return line.find(" DETAIL: ") != line.npos ? line_fate::detail : line_fate::keep;
}

inline std::string own_line(std::string_view text) {
    return "RST " + std::string(text);
}

struct job {
    std::vector<std::string> argv{RESTPOINT_FAKE_PGBACKREST, "backup", "--stanza=main"};
    std::map<std::string, std::string> environment = {};
    std::size_t detail_cap = 512U << 20U;
    int orphan_grace_s = 10;
    std::function<void()> before = [] {}; ///< in the shim's process
};

/// run_shim() in a fork of the test. What is left of it is killed at the end of its scope.
class running_shim {
  public:
    running_shim(const std::filesystem::path& folder, const job& what)
        : files_(files_of(folder, "7")) {
        std::array<int, 2> word{};
        REQUIRE(::pipe2(word.data(), O_CLOEXEC) == 0);
        pid_ = ::fork();
        REQUIRE(pid_ >= 0);
        if (pid_ == 0) {
            ::close(word[1]);
            run(folder, what, word[0]);
        }
        ::close(word[0]);
        word_ = word[1];
    }
    running_shim(const running_shim&) = delete;
    running_shim& operator=(const running_shim&) = delete;
    ~running_shim() {
        ::close(word_);
        if (!exit_status_) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
        eventually([&] {
            signal_tree(files_, SIGKILL);
            return !tree_is_alive(files_);
        });
    }

    [[nodiscard]] const job_files& files() const { return files_; }
    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] std::string log() const { return content(files_.log); }

    void give_word() {
        REQUIRE(eventually([&] { return has_ended() || tree_is_alive(files_); }));
        REQUIRE(::write(word_, "g", 1) == 1);
    }
    void hang_up() {
        ::close(word_);
        word_ = -1;
    }
    void send(int signal) const { REQUIRE(::kill(pid_, signal) == 0); }

    [[nodiscard]] bool logs(std::string_view text) const {
        return eventually([&] { return log().find(text) != std::string::npos; });
    }

    [[nodiscard]] bool has_ended() {
        int status = 0;
        if (!exit_status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) {
            exit_status_ = status;
        }
        return exit_status_.has_value();
    }

    /// The shim's exit code; negative: the signal that ended it.
    int wait() {
        REQUIRE(eventually([&] { return has_ended(); }));
        return WIFEXITED(*exit_status_) ? WEXITSTATUS(*exit_status_) : -WTERMSIG(*exit_status_);
    }

    /// Of a shim that must end well, with nothing left of its tree.
    exit_report report() {
        REQUIRE(wait() == static_cast<int>(shim_exit::reported));
        CHECK_FALSE(tree_is_alive(files_));
        const auto read = read_exit_report(files_);
        REQUIRE(read.has_value());
        REQUIRE(read->has_value());
        return **read;
    }

  private:
    [[noreturn]] static void run(const std::filesystem::path& folder, const job& what, int word) {
        ::setsid();
        for (const auto& [name, value] : what.environment) {
            ::setenv(name.c_str(), value.c_str(), 1);
        }
        what.before();
        shim_options options{folder, "7", what.argv};
        options.detail_cap = what.detail_cap;
        options.orphan_grace_s = what.orphan_grace_s;
        options.word_descriptor = word;
        ::_exit(run_shim(options, judge, own_line));
    }

    job_files files_;
    pid_t pid_ = -1;
    int word_ = -1;
    std::optional<int> exit_status_ = {};
};

inline job fake(std::string mode, std::map<std::string, std::string> more = {}) {
    job what;
    what.environment = std::move(more);
    what.environment["FAKE_PGBACKREST_MODE"] = std::move(mode);
    return what;
}

inline job shell(std::string script) {
    job what;
    what.argv = {"/bin/sh", "-c", std::move(script)};
    return what;
}

} // namespace shim_test
