#include "jobs/repo_files.hpp"

#include "base/file.hpp"
#include "base/unique_fd.hpp"
#include "jobs/output_of.hpp"
#include "process/capture.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace asio = boost::asio;

namespace restpoint::jobs {

namespace {

/// What a child is to read, from its beginning.
result<unique_fd> input_of(const std::string& content) {
    unique_fd input(::memfd_create("input", MFD_CLOEXEC));
    if (!input) {
        return system_failure("cannot make the input of a command", errno);
    }
    if (auto written = write_all(input.get(), content); !written) {
        return written.error();
    }
    if (::lseek(input.get(), 0, SEEK_SET) != 0) {
        return system_failure("cannot rewind the input of a command", errno);
    }
    return input;
}

} // namespace

asio::awaitable<result<>> repo_files::put(
    std::string path, std::string content, std::chrono::milliseconds deadline) const {
    const auto input = input_of(content);
    if (!input) {
        co_return input.error();
    }
    process::spawn_request what;
    what.argv = backrest::to_argv(options_.how, backrest::repo_put{std::move(path)});
    what.environment = options_.environment;
    what.descriptors.push_back({.from = input->get(), .to = STDIN_FILENO});
    what.dies_with_parent = SIGKILL; // a put of an earlier life of ours would come too late
    process::capture_limits limits;
    limits.deadline = deadline;
    auto ended = co_await process::capture(std::move(what), limits);
    const auto said = output_of("repo-put", std::move(ended));
    if (!said) {
        co_return said.error();
    }
    co_return result<>{};
}

asio::awaitable<result<std::vector<backrest::repo_entry>>> repo_files::list(
    std::string folder, std::string filter) const {
    process::spawn_request what;
    what.argv = backrest::to_argv(
        options_.how,
        backrest::repo_ls{
            .repo = {}, .path = std::move(folder), .recurse = false, .filter = std::move(filter)});
    what.environment = options_.environment;
    process::capture_limits limits;
    limits.deadline = options_.deadline;
    limits.output_bytes = options_.listing_bytes;
    auto ended = co_await process::capture(std::move(what), limits);
    const auto said = output_of("repo-ls", std::move(ended));
    if (!said) {
        co_return said.error();
    }
    co_return backrest::parse_repo_listing(*said);
}

asio::awaitable<result<>> repo_files::remove(std::string folder) const {
    process::spawn_request what;
    what.argv = backrest::to_argv(options_.how, backrest::repo_rm{std::move(folder)});
    what.environment = options_.environment;
    process::capture_limits limits;
    limits.deadline = options_.deadline;
    auto ended = co_await process::capture(std::move(what), limits);
    const auto said = output_of("repo-rm", std::move(ended));
    if (!said) {
        co_return said.error();
    }
    co_return result<>{};
}

} // namespace restpoint::jobs
