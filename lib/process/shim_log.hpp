// The shim's writer of jobs/ID.log: cuts the child's bytes into lines, leaves out what the judge
// leaves out, appends the rest in batches. The file holds whole lines (but for the one longer than
// longest_held that is being written), and no state of the disk ever makes it wait or fail: what
// does not fit is counted, and told once there is room.
#pragma once

#include "base/unique_fd.hpp"
#include "process/shim.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace restpoint::process {

class shim_log {
  public:
    using judge_type = std::function<line_fate(std::string_view)>;
    using own_line_type = std::function<std::string(std::string_view)>;

    /// A line is kept back until its end has come, up to this many bytes of it.
    static constexpr std::size_t longest_held = 64U << 10U;

    struct counts {
        std::uint64_t lines = 0; ///< that stand in the file, our own among them
        std::uint64_t bytes = 0;
        std::uint64_t noise = 0;   ///< left out by the judge
        std::uint64_t dropped = 0; ///< lost to the disk, or past the cap
    };

    /// `fd` is the log, opened with O_APPEND; nobody else writes to it.
    shim_log(unique_fd fd, std::size_t detail_cap, judge_type judge, own_line_type own_line);

    /// Takes what the child wrote and appends every line that is complete.
    void take(std::string_view bytes);

    /// Whether lines were lost since the file last took one: then retry() now and then.
    [[nodiscard]] bool is_losing() const { return lost_ > 0; }
    /// Tries to say how many.
    void retry() { append({}); }

    /// Ends the last line and syncs the file.
    void finish();

    [[nodiscard]] counts so_far() const;

  private:
    enum class rest {
        none,    ///< no line longer than longest_held is under way
        written, ///< its beginning is in the batch or the file
        left_out ///< its beginning was not written, nor shall its end be
    };

    void take_line(std::string_view line);
    void take_rest(std::string_view piece);
    void begin_long_line();
    void end_long_line();
    [[nodiscard]] bool is_wanted(std::string_view line);
    [[nodiscard]] bool is_past_cap();
    void append(std::string_view batch);
    [[nodiscard]] bool introduce();
    std::size_t write(std::string_view data);
    void cut_back();
    void lose(std::string_view data);
    [[nodiscard]] std::string message(std::string_view text) const;

    unique_fd fd_;
    std::size_t detail_cap_;
    judge_type judge_;
    own_line_type own_line_;

    std::string held_;  ///< the beginning of a line whose end has not come
    std::string batch_; ///< to be appended at the end of take()
    rest long_line_ = rest::none;
    bool cap_told_ = false;

    std::uint64_t first_size_ = 0; ///< of the file, before we wrote
    std::uint64_t size_ = 0;
    std::uint64_t whole_size_ = 0; ///< up to the end of its last whole line
    bool torn_ = false;            ///< it ends in a piece of a line that could not be cut off
    std::uint64_t lost_ = 0;       ///< lines, since the disk last took one
    std::uint64_t lines_ = 0;
    std::uint64_t noise_ = 0;
    std::uint64_t dropped_ = 0;
};

} // namespace restpoint::process
