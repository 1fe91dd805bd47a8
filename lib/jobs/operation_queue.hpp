// Work for one thread, done in the order it was given. The one place outside base/ with a mutex:
// it is the border between the loop and the store's thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace restpoint::jobs {

/// Whether an operation may be turned away when the queue is full.
enum class admission {
    bounded, ///< refused beyond the limit
    always   ///< taken beyond it: for what is bounded elsewhere, such as the transitions of jobs
};

class operation_queue {
  public:
    explicit operation_queue(std::size_t limit);
    operation_queue(const operation_queue&) = delete;
    operation_queue& operator=(const operation_queue&) = delete;
    ~operation_queue(); ///< carries out what is queued, then ends the thread

    /// False when the queue is full; `operation` is then not touched and never called. An operation
    /// must not throw.
    [[nodiscard]] bool push(std::function<void()>& operation, admission how);

  private:
    void work();

    const std::size_t limit_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> waiting_;
    bool closed_ = false;
    std::thread thread_; // last: it uses the others
};

} // namespace restpoint::jobs
