// Lines on their way to a descriptor that others share and somebody may have stopped reading: a
// pipe, a terminal, a socket. They go out in order and whole, by a thread of their own, since no
// write to such a descriptor can be kept from blocking (O_NONBLOCK would be its other users', too).
// A file is written at once, by whoever has a line.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace restpoint {

struct line_queue_limits {
    std::size_t bytes = std::size_t{1} << 20U; ///< that wait; what comes on top is dropped
    std::chrono::milliseconds patience{20};    ///< of put() with a reader that seems to read
    std::chrono::milliseconds distrust{10000}; ///< how long put() waits for nobody after that
};

class line_queue {
  public:
    /// `dropped` makes the line that stands where so many are missing. It is called on the thread.
    line_queue(
        int descriptor, std::function<std::string(std::uint64_t)> dropped,
        line_queue_limits limits = {});
    /// Writes what waits, however long that takes.
    ~line_queue();
    line_queue(const line_queue&) = delete;
    line_queue& operator=(const line_queue&) = delete;

    /// Takes a line, which is written when this returns as long as somebody reads: so it is there
    /// even when the process dies right after it. A reader that stalls is waited for once, for
    /// limits.patience. What finds no room is dropped and counted, and so is all that follows until
    /// the rest is out and the count with it.
    void put(std::string line);

    /// Whether all is written, within this time.
    [[nodiscard]] bool flush(std::chrono::milliseconds within);

  private:
    using clock = std::chrono::steady_clock;
    [[nodiscard]] bool start();
    void work();
    [[nodiscard]] bool is_idle() const { return lines_.empty() && dropped_ == 0 && !writing_; }
    [[nodiscard]] std::string next();

    int descriptor_;
    std::function<std::string(std::uint64_t)> tell_dropped_;
    line_queue_limits limits_;

    std::mutex lock_;
    std::condition_variable wanted_ = {};
    std::condition_variable written_ = {};
    std::deque<std::string> lines_ = {};
    std::size_t bytes_ = 0; ///< of lines_
    std::uint64_t dropped_ = 0;
    bool writing_ = false;
    bool ending_ = false;
    clock::time_point distrusted_until_ = {};
    std::thread writer_ = {}; ///< from the first line on that is not for a file
};

} // namespace restpoint
