// The cached, single-flight window of the stanza: which WAL each archive has and lacks. However many
// ask, one walk runs. Listings are read by pgbackrest children, and walked off the loop.
#pragma once

#include "jobs/info_cache.hpp"
#include "jobs/single_flight.hpp"
#include "jobs/window_answer.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace restpoint::jobs {

struct window_options {
    std::string binary = "pgbackrest";
    std::string config = {};
    std::string stanza = {};
    std::vector<std::string> environment = {};
    std::optional<std::chrono::seconds> look_timeout = {}; ///< as in backrest::invocation
    std::chrono::milliseconds fresh_for{10000};            ///< as in info_options
    std::chrono::milliseconds patience{2000};
    std::chrono::milliseconds deadline{120000}; ///< of one listing
    std::size_t listing_bytes = 128U << 20U;    ///< a million segments; more is refused

    /// The backups and repos there are.
    std::function<boost::asio::awaitable<result<std::shared_ptr<const info_answer>>>()> info = {};
    /// wal_segment_size of the running server in bytes; none when it does not say.
    std::function<boost::asio::awaitable<std::optional<std::uint64_t>>()> segment_size = {};
};

class window_cache {
  public:
    window_cache(boost::asio::any_io_executor executor, window_options options);
    ~window_cache(); ///< waits for a walk that is under way

    /// As info_cache::get(). An archive that could not be listed is in the answer, with the reason;
    /// fails when there is no info to begin with.
    [[nodiscard]] boost::asio::awaitable<result<std::shared_ptr<const window_answer>>> get() {
        return flights_.get();
    }

    /// What get() would give without asking; null when it would ask.
    [[nodiscard]] std::shared_ptr<const window_answer> at_hand() const {
        return flights_.at_hand();
    }

    /// The next get() looks again: one of our jobs changed the repo.
    void drop() { flights_.drop(); }

    /// Ends what is under way.
    [[nodiscard]] boost::asio::awaitable<void> stop() { return flights_.stop(); }

  private:
    class observer;
    std::shared_ptr<observer> observer_;
    single_flight<window_answer> flights_;
};

} // namespace restpoint::jobs
