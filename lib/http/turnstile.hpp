// Who sends much takes turns. However many streams could send at the same time, in one pass of the
// loop they send a bounded number of bytes together; the others wait in line, and what else is
// ready comes between two passes. So a request that costs microseconds does not wait until a
// thousand readers have had their share.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>

namespace restpoint::http {

class turnstile : public std::enable_shared_from_this<turnstile> {
  public:
    struct limits {
        std::size_t bytes_a_pass = 4U << 20U;   ///< a few milliseconds of a processor
        std::size_t bytes_a_turn = 256U << 10U; ///< what one who was let in may send
    };

    explicit turnstile(boost::asio::any_io_executor executor)
        : turnstile(std::move(executor), {}) {}
    turnstile(boost::asio::any_io_executor executor, limits within);

    /// Begins a turn at once, if nobody waits in line and the pass has room.
    [[nodiscard]] bool try_enter();

    /// Waits in line, and begins a turn. Throws operation_aborted when cancelled.
    [[nodiscard]] boost::asio::awaitable<void> enter();

    /// So much was sent.
    void spend(std::size_t bytes);

    /// All that was ever spent. Who finds it changed by others has waited, and should enter anew.
    [[nodiscard]] std::uint64_t spent() const { return spent_; }

    [[nodiscard]] std::size_t bytes_a_turn() const { return within_.bytes_a_turn; }
    [[nodiscard]] std::size_t waiting() const { return line_.size(); }

  private:
    struct place {
        boost::asio::steady_timer called;
        bool in_line = true;
    };

    void schedule();
    void begin_pass();

    boost::asio::any_io_executor executor_;
    limits within_;
    std::size_t left_;
    std::uint64_t spent_ = 0;
    bool scheduled_ = false;
    std::list<place*> line_;
};

} // namespace restpoint::http
