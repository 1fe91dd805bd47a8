// Nothing runs without an owner: coroutines are spawned into a group, and whoever made the group
// awaits its end. Single-threaded by design: use it only on the thread of its executor.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_type.hpp>

#include <functional>
#include <memory>
#include <string>

namespace restpoint {

class task_group {
  public:
    explicit task_group(boost::asio::any_io_executor executor);
    task_group(const task_group&) = delete;
    task_group& operator=(const task_group&) = delete;
    ~task_group();

    /// Starts `task` under `name` (for the log). An exception that leaves it is logged at error
    /// level and ends that task alone. After cancel() nothing is started any more.
    void spawn(std::string name, std::function<boost::asio::awaitable<void>()> task);

    /// Asks every task to end: `total` politely (finish what is under way), `terminal` at once.
    /// Call it from a handler that runs on the executor: from outside, Boost 1.81 posts the request
    /// with a pointer that a task's end leaves dangling.
    void cancel(boost::asio::cancellation_type how);

    /// Returns when the last task has ended.
    [[nodiscard]] boost::asio::awaitable<void> join();

    /// Tasks that have not ended.
    [[nodiscard]] std::size_t size() const;

  private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace restpoint
