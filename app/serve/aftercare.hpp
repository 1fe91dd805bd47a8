// What comes after restores: a backup, the end of what their undo needs once it is old enough, no
// expiry before that, and the restores of a restpoint whose state directory was lost.
#pragma once

#include "base/result.hpp"
#include "jobs/service.hpp"
#include "restore/perform.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace restpoint {

class aftercare {
  public:
    struct parts {
        jobs::service& jobs;
        std::string stanza = {};
        std::function<std::filesystem::path()> data = {}; ///< the data directory; empty: not known
        /// Why no backup begins on this host: with a repo on another one pgBackRest refuses them
        /// here, and a standby's belong to the schedule. Empty when they do.
        std::function<boost::asio::awaitable<std::string>()> backs_up_elsewhere = {};
        std::chrono::hours keep_previous{24};
    };
    explicit aftercare(parts of);

    /// The restores that can be undone, oldest first, as they were when looked at last.
    [[nodiscard]] const std::vector<restore::kept_restore>& kept() const { return kept_; }
    [[nodiscard]] wall_time kept_until(const restore::kept_restore& one) const;

    /// What lies beside the data directory and cannot be read, a sentence each, as looked at last.
    [[nodiscard]] const std::vector<std::string>& strange() const { return strange_; }

    /// Why nothing may be expired; empty when it may.
    [[nodiscard]] std::string expiry_held() const;

    /// What is ours in a data directory that is a mount point, as pgBackRest's --exclude takes it.
    [[nodiscard]] std::vector<std::string> left_out() const;

    /// A job that has come to its end.
    [[nodiscard]] boost::asio::awaitable<void> see_to(jobs::job ended);

    /// Looks now and then; begins with the journals that no job stands for.
    [[nodiscard]] boost::asio::awaitable<void> run();

  private:
    [[nodiscard]] boost::asio::awaitable<void> take_up_found();
    [[nodiscard]] boost::asio::awaitable<void> forget_old();
    [[nodiscard]] boost::asio::awaitable<void> back_up();
    [[nodiscard]] boost::asio::awaitable<std::optional<jobs::job>> newest_restore(
        std::optional<jobs::job_state> state);
    /// The newest first; empty where the store does not answer.
    [[nodiscard]] boost::asio::awaitable<std::vector<jobs::job>> last_of(
        jobs::job_kind kind, std::optional<jobs::job_state> state, int most);
    [[nodiscard]] boost::asio::awaitable<void> submit(
        jobs::job_kind kind, std::string order, std::string by);
    void look();
    /// Takes the settings of the newest restore out of a cluster that somebody else has started.
    void settle();
    /// Takes away what is left of restores that were turned back, once their jobs are over.
    void sweep();

    parts parts_;
    std::vector<restore::kept_restore> kept_ = {};
    std::vector<std::string> strange_ = {};
    bool backing_up_ = false;
    jobs::job_id told_of_ = 0;
};

} // namespace restpoint
