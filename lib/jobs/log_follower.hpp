// A reader's place in a view: which stretch, and how far in it. It knows no bytes; those are asked
// for at each peek().
#pragma once

#include "jobs/log_hub.hpp"
#include "jobs/log_wakeups.hpp"
#include "jobs/stretch_source.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace restpoint::jobs {

/// A log while it has readers.
struct followed_log {
    job_id id = 0;
    std::shared_ptr<const log_file> file = {};
    std::shared_ptr<log_bell> bell = {};          ///< null until somebody follows
    std::optional<std::uint64_t> final_size = {}; ///< once finished
};

/// What a follower shares with all others.
struct log_services {
    boost::asio::any_io_executor executor;
    std::shared_ptr<log_wakeups> wakeups;
    std::shared_ptr<stretch_source> stretches;
    std::size_t stretch_bytes = 0;
};

class log_follower final : public log_reader {
  public:
    /// Reads to `log_end`, or follows when there is none. `seat` is let go with the follower.
    log_follower(
        log_services with, std::shared_ptr<followed_log> log, view how, std::uint64_t from,
        std::optional<std::uint64_t> log_end, std::shared_ptr<void> seat);

    [[nodiscard]] boost::asio::awaitable<piece> peek() override;
    void consume(std::size_t bytes) override;
    [[nodiscard]] std::uint64_t offset() const override;

  private:
    [[nodiscard]] std::optional<std::uint64_t> log_end() const;
    [[nodiscard]] std::optional<stretch_source::wish> next_wish() const;
    [[nodiscard]] bool waits_for_more_than(const stretch& found) const;
    void remember(const stretch& found);
    void advance();

    log_services with_;
    std::shared_ptr<followed_log> log_;
    std::shared_ptr<void> seat_;
    view how_;
    std::optional<std::uint64_t> end_at_open_;

    // The stretch we stand in, and how much of its text was consumed.
    std::uint64_t begin_;
    std::optional<render_state> before_;
    std::size_t position_ = 0;

    // What was last seen of it.
    std::size_t text_size_ = 0;
    std::uint64_t end_ = 0;
    render_state after_ = {};
    std::shared_ptr<const std::vector<line_start>> lines_;

    std::uint64_t since_yield_ = 0;
};

} // namespace restpoint::jobs
