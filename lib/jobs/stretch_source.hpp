// Stretches on demand: from the cache, from warm pages at once, or from the disk on a small pool of
// threads. However many readers ask for one, it is read and rendered once.
#pragma once

#include "jobs/log_hub.hpp"
#include "jobs/log_stretches.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

namespace restpoint::jobs {

class stretch_source : public std::enable_shared_from_this<stretch_source> {
  public:
    struct wish {
        stretch_key key = {};
        std::uint64_t until = 0; ///< the log reaches at least so far, or the grid ends here
        std::uint64_t grid = 0;
        /// A stretch that was rendered when the log was much shorter is good enough: some of it has
        /// been consumed.
        bool short_will_do = false;
    };

    stretch_source(boost::asio::any_io_executor executor, const log_hub_options& how);

    /// Throws system_error when the log cannot be read, and operation_aborted when cancelled or
    /// stopped.
    [[nodiscard]] boost::asio::awaitable<stretch> obtain(
        std::shared_ptr<const log_file> file, wish what);

    /// Ends the waits for the disk.
    void stop();

    /// Returns when no thread of the pool is left; a read that the disk does not answer delays it.
    void join();

    /// Drops what is cached of a log that was removed.
    void forget(job_id id);

    void count(log_hub_statistics& into) const;

  private:
    struct flight {
        explicit flight(const boost::asio::any_io_executor& executor)
            : landed(executor, boost::asio::steady_timer::time_point::max()) {}
        boost::asio::steady_timer landed;
        std::optional<boost::system::result<stretch>> made = {};
    };

    [[nodiscard]] std::shared_ptr<flight> launch(
        std::shared_ptr<const log_file> file, const wish& what);
    void land(const stretch_key& key, flight& landed, boost::system::result<stretch> made);

    boost::asio::any_io_executor executor_;
    pool_reads reads_;
    stretch_cache cache_;
    std::map<stretch_key, std::shared_ptr<flight>> flights_;
    std::unique_ptr<boost::asio::thread_pool> pool_;
    std::uint64_t renders_ = 0;
    std::uint64_t cold_reads_ = 0;
};

/// Throws operation_aborted when the coroutine that awaits it was cancelled: after a wait that a
/// cancelled timer ended, which is also how waits end well.
[[nodiscard]] boost::asio::awaitable<void> throw_if_cancelled();

} // namespace restpoint::jobs
