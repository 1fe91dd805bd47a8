// Followers of job logs. A stretch of a view is rendered once and shared by all who stand at it;
// readers are woken together by inotify, at most every `coalesce`; cold pages are read on the pool.
// A reader holds no bytes while its client is stalled.
#pragma once

#include "base/result.hpp"
#include "jobs/job.hpp"
#include "jobs/log_view.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace restpoint::jobs {

enum class growth_notice { inotify, poll };

/// Which reads of a log go to the pool: those that might wait for the disk, or all.
enum class pool_reads { when_cold, always };

struct log_hub_options {
    std::size_t stretch_bytes = 64U << 10U; ///< of the raw log, rendered at a time
    std::size_t cache_bytes = 4U << 20U;    ///< of rendered stretches kept for others
    std::chrono::milliseconds coalesce{
        20}; ///< the shortest time between two wake-ups of one job's readers
    std::size_t max_readers = 4000;
    std::chrono::milliseconds poll{200}; ///< where inotify cannot help
    growth_notice notice = growth_notice::inotify;
    pool_reads reads = pool_reads::when_cold;
};

struct log_hub_statistics {
    std::size_t readers = 0;
    std::size_t open_logs = 0; ///< descriptors held
    std::size_t cached_bytes = 0;
    std::uint64_t renders = 0;    ///< stretches rendered; does not grow with the readers of a view
    std::uint64_t cold_reads = 0; ///< of these, on the pool
    std::uint64_t wake_ups = 0;   ///< of all readers of a log together
};

/// A position in one view of one log.
class log_reader {
  public:
    struct piece {
        std::shared_ptr<const std::string> owner = {};
        std::string_view bytes = {};
    };

    virtual ~log_reader() = default;

    /// The bytes at the position; waits for the log to grow; empty at the end of a finished log (or
    /// of what was there, when not following). What was not consumed comes again, perhaps with more
    /// behind it. A piece ends with a whole line, unless the line is too long for a stretch, or the
    /// log's last. Throws system_error: operation_aborted when cancelled or stopped, the operating
    /// system's error when the log cannot be read; may be called again after a cancellation. Keep
    /// the piece only while its bytes are on their way.
    [[nodiscard]] virtual boost::asio::awaitable<piece> peek() = 0;
    virtual void consume(std::size_t bytes) = 0;

    /// Byte offset in the raw log of the line at the position; of the byte there for raw markup.
    [[nodiscard]] virtual std::uint64_t offset() const = 0;
};

enum class follow { no, yes };

class log_hub {
  public:
    log_hub(
        boost::asio::any_io_executor executor, std::filesystem::path jobs_folder,
        log_hub_options options = {});
    ~log_hub();

    /// A reader of `id`'s log from raw byte `from` on (which must be 0 or the beginning of a line
    /// unless the markup is raw). Fails with `gone` when the file is not there, `unavailable` past
    /// max_readers. With follow::yes the log is taken for growing until finish(id); a job that was
    /// final before this call must be opened with follow::no.
    [[nodiscard]] result<std::unique_ptr<log_reader>> open(
        job_id id, view how, std::uint64_t from, follow mode);

    /// The size in bytes of the raw log now; `gone` when there is none.
    [[nodiscard]] result<std::uint64_t> size(job_id id) const;

    /// Whether a reader may begin there: at the log's beginning, or behind the end of a line; false
    /// past its end. `gone` when there is no log.
    [[nodiscard]] boost::asio::awaitable<result<bool>> is_line_start(
        job_id id, std::uint64_t offset);

    /// The log will not grow any more: readers come to its end.
    void finish(job_id id);

    /// The log was removed: keeps no memory for it. Who reads it still comes to its end.
    void forget(job_id id);

    /// Ends every reader's wait with operation_aborted.
    void stop();

    [[nodiscard]] std::size_t readers() const;
    [[nodiscard]] log_hub_statistics statistics() const;

  private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace restpoint::jobs
