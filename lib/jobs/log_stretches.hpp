// Stretches of a view: what lies between two positions of a log, rendered. How a log is cut into
// them, and a bounded cache of them. No Asio here: the hub decides when, and on which thread.
#pragma once

#include "jobs/job.hpp"
#include "jobs/log_file.hpp"
#include "jobs/log_view.hpp"

#include <compare>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace restpoint::jobs {

/// What a stretch is a function of, beside the log's bytes (which never change, only grow).
struct stretch_key {
    job_id id = 0;
    view how = {};
    std::uint64_t begin = 0;
    /// Behind what was before; none for a reader that begins in the middle, which looks back for
    /// it.
    std::optional<render_state> before = {};
    /// Where the log ends, if that is in this stretch: what is behind the last '\n' belongs to it.
    std::optional<std::uint64_t> log_end = {};

    friend auto operator<=>(const stretch_key&, const stretch_key&) = default;
};

struct stretch {
    std::shared_ptr<const std::string> text;
    std::shared_ptr<const std::vector<line_start>> lines; ///< null for raw markup
    std::uint64_t end = 0;  ///< in the raw log; the next stretch begins here
    std::uint64_t seen = 0; ///< the raw bytes looked at: more than `end` when the last line is
                            ///< not complete
    render_state after = {};
};

/// Where a stretch that begins at `begin` ends at the latest: on a grid, so that readers who began
/// at different places soon stand at the same ones.
[[nodiscard]] std::uint64_t grid_after(std::uint64_t begin, std::size_t stretch_bytes);

/// Reads and renders the stretch at `key` from the bytes up to `until`, which is not past the grid.
/// It ends behind the last whole line. A line that fills all of it is cut.
[[nodiscard]] boost::system::result<stretch> make_stretch(
    const log_file& file, const stretch_key& key, std::uint64_t until, std::uint64_t grid,
    reading how);

/// The latest used stretches, of all logs together at most `limit` bytes.
class stretch_cache {
  public:
    explicit stretch_cache(std::size_t limit) : limit_(limit) {}

    /// Null when it is not there. The pointer holds until the next put().
    [[nodiscard]] const stretch* find(const stretch_key& key);
    void put(const stretch_key& key, stretch made);

    /// Drops what there is of a log that was removed.
    void forget(job_id id);

    [[nodiscard]] std::size_t bytes() const { return bytes_; }

  private:
    struct entry {
        stretch_key key;
        stretch what;
    };
    void remove(std::list<entry>::iterator place);

    std::size_t limit_;
    std::size_t bytes_ = 0;
    std::list<entry> by_use_; ///< the latest first
    std::map<stretch_key, std::list<entry>::iterator> by_key_;
};

} // namespace restpoint::jobs
