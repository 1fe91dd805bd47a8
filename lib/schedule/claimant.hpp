// Claims slots in the repo that several machines share: performs what slot_claim.hpp says. The
// repo's files are handed in.
#pragma once

#include "backrest/repo_listing.hpp"
#include "base/result.hpp"
#include "schedule/slot_claim.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace restpoint::schedule {

/// Files below the root of the repo. Each has a deadline of its own.
struct repo_access {
    /// Ended, for better or worse, when `deadline` has passed.
    std::function<boost::asio::awaitable<result<>>(
        std::string path, std::string content, std::chrono::milliseconds deadline)>
        put;
    std::function<boost::asio::awaitable<result<std::vector<backrest::repo_entry>>>(
        std::string folder)>
        list;
    /// A folder with all in it.
    std::function<boost::asio::awaitable<result<>>(std::string folder)> remove;
};

struct claimant_options {
    std::string stanza = {};
    std::string machine = {};         ///< machine_of() ours
    std::filesystem::path notes = {}; ///< a folder for the attempts that were begun
    claim_times times = {};
    std::function<std::string()> nonce;
    /// How long the machine is up: goes on while it is suspended.
    std::function<std::chrono::milliseconds()> uptime;
};

enum class claim_outcome {
    ours,
    theirs, ///< `machine` has it
    barred, ///< it is not this machine's to run, and will not be
    open    ///< it could not be claimed: worth another try
};

struct claim_answer {
    claim_outcome outcome = claim_outcome::open;
    std::string machine = {};
    std::string why = {}; ///< of barred and open
};

class claimant {
  public:
    claimant(repo_access repo, claimant_options options)
        : repo_(std::move(repo)), options_(std::move(options)) {}

    /// Takes the wait of claim_times and a few commands. Who gets `ours` gets it once: it keeps in
    /// mind what it has claimed until it has run it.
    [[nodiscard]] boost::asio::awaitable<claim_answer> claim(std::string schedule, wall_time due);

    /// The machine that has put a claim on it, if one has.
    [[nodiscard]] boost::asio::awaitable<result<std::optional<std::string>>> claimed(
        std::string schedule, wall_time due);

  private:
    struct attempt {
        slot_claim own = {};
        std::vector<std::string> earlier = {}; ///< nonces
        std::string folder = {};
    };
    [[nodiscard]] std::string folder_of(const std::string& schedule, wall_time due) const;
    [[nodiscard]] result<attempt> begin(const std::string& schedule, wall_time due) const;
    [[nodiscard]] boost::asio::awaitable<result<std::vector<slot_claim>>> look(
        std::string folder, wall_time due);
    [[nodiscard]] boost::asio::awaitable<result<>> put(attempt what);
    [[nodiscard]] boost::asio::awaitable<void> withdraw(attempt what);
    [[nodiscard]] boost::asio::awaitable<claim_answer> decide(attempt what);
    [[nodiscard]] boost::asio::awaitable<void> clear_away(std::string schedule, wall_time due);

    repo_access repo_;
    claimant_options options_;
};

} // namespace restpoint::schedule
