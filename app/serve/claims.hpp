// Whether a scheduled run is this machine's, of several that share a repo: first whether the server
// beside us can be the primary at all, then the claim.
#pragma once

#include "jobs/info_cache.hpp"
#include "jobs/repo_files.hpp"
#include "postgres/server_facts.hpp"
#include "schedule/claimant.hpp"
#include "schedule/definition.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace restpoint {

class claims {
  public:
    struct surroundings {
        backrest::invocation pgbackrest = {};
        std::vector<std::string> environment = {};
        std::filesystem::path notes = {}; ///< a folder of the state directory
        std::function<boost::asio::awaitable<result<std::shared_ptr<const jobs::info_answer>>>()>
            info;
        std::function<boost::asio::awaitable<result<postgres::wal_facts>>()> wal;
        std::function<std::filesystem::path()> data; ///< the data directory; empty: not known
    };
    explicit claims(surroundings around);
    claims(const claims&) = delete;
    claims& operator=(const claims&) = delete;
    ~claims() = default;

    [[nodiscard]] boost::asio::awaitable<schedule::claim_answer> claim(
        schedule::definition what, wall_time due);

    /// The machine that has claimed it, if one has.
    [[nodiscard]] boost::asio::awaitable<result<std::optional<std::string>>> claimed(
        schedule::definition what, wall_time due);

  private:
    /// The newest timeline in the archive, when it is newer than ours and nobody has said that ours
    /// is the live one: a server that was promoted archives its history at once, so whoever still
    /// writes an older one is the primary no more, whatever it says. After an undo the older one is
    /// the live one, and that is noted.
    [[nodiscard]] boost::asio::awaitable<result<std::optional<std::string>>> replaced_by();
    [[nodiscard]] boost::asio::awaitable<result<std::uint32_t>> newest_timeline();
    [[nodiscard]] bool is_live(std::uint32_t timeline, std::uint32_t newest) const;

    surroundings around_;
    jobs::repo_files repo_;
    schedule::claimant claimant_;
};

} // namespace restpoint
