// Wakes every coroutine that waits for something to change. A ring that nobody waits for is lost:
// look before you wait.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>

namespace restpoint {

class bell {
  public:
    explicit bell(boost::asio::any_io_executor executor);

    /// Returns at the next ring(), or when `until` has passed. Throws operation_aborted when the
    /// coroutine is cancelled.
    [[nodiscard]] boost::asio::awaitable<void> heard(
        std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max());

    void ring();

  private:
    boost::asio::steady_timer timer_;
    boost::asio::any_io_executor executor_;
};

/// Throws operation_aborted when the calling coroutine has been cancelled: for behind waits that
/// give an error code.
[[nodiscard]] boost::asio::awaitable<void> throw_if_cancelled();

} // namespace restpoint
