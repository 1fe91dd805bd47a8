// Small files of our own in pgBackRest's first repo, by pgbackrest children: nothing else knows
// every kind of store.
#pragma once

#include "backrest/command.hpp"
#include "backrest/repo_listing.hpp"
#include "base/result.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace restpoint::jobs {

struct repo_files_options {
    backrest::invocation how = {};
    std::vector<std::string> environment = {};
    std::chrono::milliseconds deadline{15000}; ///< of a listing, and of a removal
    std::size_t listing_bytes = 8U << 20U;     ///< more is refused
};

class repo_files {
  public:
    explicit repo_files(repo_files_options options) : options_(std::move(options)) {}

    /// Paths are below the repo's root. Fails with what pgbackrest says; a put that is cut off by
    /// `deadline` may have been done.
    [[nodiscard]] boost::asio::awaitable<result<>> put(
        std::string path, std::string content, std::chrono::milliseconds deadline) const;

    /// What lies in a folder, and not below; `filter` is a regular expression of names. A folder
    /// that is not there is empty.
    [[nodiscard]] boost::asio::awaitable<result<std::vector<backrest::repo_entry>>> list(
        std::string folder, std::string filter = {}) const;

    /// A folder with all in it.
    [[nodiscard]] boost::asio::awaitable<result<>> remove(std::string folder) const;

  private:
    repo_files_options options_;
};

} // namespace restpoint::jobs
