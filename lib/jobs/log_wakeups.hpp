// Who waits for which log to grow. One inotify instance watches the logs that are followed; all who
// wait for a log are woken together, the first time at once and then at most every `coalesce`.
// Where inotify has no room, the waiting logs are looked at every `poll`. Nothing runs while nobody
// waits.
#pragma once

#include "jobs/log_file.hpp"
#include "jobs/log_hub.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <vector>

namespace restpoint::jobs {

/// One per log that is followed.
struct log_bell {
    log_bell(const boost::asio::any_io_executor& executor, std::shared_ptr<const log_file> of)
        : file(std::move(of)), rung(executor, boost::asio::steady_timer::time_point::max()) {}

    std::shared_ptr<const log_file> file;
    std::uint64_t size = 0; ///< as of the last ring: all who are woken together see the same log

    // Of log_wakeups:
    boost::asio::steady_timer rung;
    std::size_t waiting = 0;
    std::chrono::steady_clock::time_point not_before = {};
    bool due = false;
    int watch = -1;
};

class log_wakeups : public std::enable_shared_from_this<log_wakeups> {
  public:
    struct options {
        std::chrono::milliseconds coalesce{20};
        std::chrono::milliseconds poll{200};
        growth_notice notice = growth_notice::inotify;
    };

    log_wakeups(boost::asio::any_io_executor executor, options how);

    /// From here on no growth of the file at `path`, which is `file`, is missed.
    [[nodiscard]] std::shared_ptr<log_bell> follow(
        const std::filesystem::path& path, std::shared_ptr<const log_file> file);
    void forget(const std::shared_ptr<log_bell>& bell);

    /// Returns when the bell was rung, which it is when the log is longer than `bell->size`; or
    /// when the wait was cancelled or stopped.
    [[nodiscard]] boost::asio::awaitable<void> wait(std::shared_ptr<log_bell> bell);

    /// Wakes all who wait for the log.
    void ring(log_bell& bell);

    /// Wakes everybody; nobody waits any more.
    void stop();

    [[nodiscard]] bool stopped() const { return stopped_; }

    /// How often a bell was rung.
    [[nodiscard]] std::uint64_t rings() const { return rings_; }

  private:
    void start_inotify();
    void listen();
    void drain();
    void poll();
    void note(log_bell& bell);
    void ring_due();
    [[nodiscard]] bool anybody_waits(bool watched) const;

    boost::asio::any_io_executor executor_;
    options options_;
    boost::asio::posix::stream_descriptor inotify_;
    boost::asio::steady_timer breath_;
    boost::asio::steady_timer later_;
    boost::asio::steady_timer next_poll_;
    bool listening_ = false;
    bool polling_ = false;
    bool stopped_ = false;
    std::uint64_t rings_ = 0;
    std::vector<std::shared_ptr<log_bell>> bells_;
};

} // namespace restpoint::jobs
