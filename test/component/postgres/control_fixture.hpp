// A folder for a test of control, deadlines, and a process that stands in for a postmaster.
#pragma once

#include "postgres/control.hpp"
#include "process/child.hpp"
#include "process/identity.hpp"
#include "process/spawn.hpp"
#include "support/catch.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace restpoint::postgres::test {

class control_folder {
  public:
    control_folder() {
        std::string name = (std::filesystem::temp_directory_path() / "restpointXXXXXX").native();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        root_ = name;
        std::filesystem::create_directory(data());
        std::filesystem::create_directory(root_ / "bin");
    }
    control_folder(const control_folder&) = delete;
    control_folder& operator=(const control_folder&) = delete;
    ~control_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }

    [[nodiscard]] std::filesystem::path data() const { return root_ / "data"; }
    [[nodiscard]] std::string file(const std::string& name) const { return root_ / name; }

    void write(const std::string& name, const std::string& content) const {
        std::ofstream(root_ / name, std::ios::binary) << content;
    }
    [[nodiscard]] std::string read(const std::string& name) const {
        std::ifstream in(root_ / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    /// A program of the folder bin.
    void program(const std::string& name, const std::string& script) const {
        write("bin/" + name, "#!/bin/sh\n" + script);
        std::filesystem::permissions(root_ / "bin" / name, std::filesystem::perms::owner_all);
    }

  private:
    std::filesystem::path root_;
};

inline deadline_time within(std::chrono::milliseconds time) {
    return std::chrono::steady_clock::now() + time;
}
inline deadline_time patiently() {
    return within(std::chrono::minutes{1});
}

/// A shell in the data directory, under the name that postmaster.pid has for it.
class stand_in {
  public:
    /// `script` says how it takes INT and QUIT; it waits until the script is set.
    stand_in(const control_folder& folder, const std::string& script, const std::string& status) {
        const auto started = process::spawn(
            {.argv = {"/bin/sh", "-c", script + "; : >ready; while :; do sleep 0.02; done"},
             .environment = {"PATH=/usr/bin:/bin"},
             .folder = folder.data()});
        REQUIRE(started.has_value());
        pid_ = *started;
        folder.write(
            "data/postmaster.pid", std::to_string(pid_) + "\n" + folder.data().native() +
                                       "\n1\n5432\n/run\nlocalhost\n1 2\n" + status + "\n");
        const auto deadline = patiently();
        while (!std::filesystem::exists(folder.data() / "ready")) {
            REQUIRE(std::chrono::steady_clock::now() < deadline);
            constexpr timespec moment{0, 2'000'000};
            ::nanosleep(&moment, nullptr);
        }
    }
    stand_in(const stand_in&) = delete;
    stand_in& operator=(const stand_in&) = delete;
    ~stand_in() {
        ::kill(-pid_, SIGKILL); // not reaped before now, so the group is its own
        while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }

    [[nodiscard]] bool has_ended() const { return !process::identify(pid_).has_value(); }

  private:
    pid_t pid_ = 0;
};

} // namespace restpoint::postgres::test
