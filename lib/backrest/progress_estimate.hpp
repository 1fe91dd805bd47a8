// How far a backup or a verification is between two lines of its log: while pgBackRest copies one large file it says
// nothing, but the kernel counts what its workers read. Pure: the clock and the counters come in as
// samples.
//
// What is shown never goes back, whatever is fed, and stays below 100 % until the log says that the
// backup is completed.
#pragma once

#include "backrest/progress.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace restpoint::backrest {

/// What was seen of a backup's workers at one moment.
struct progress_sample {
    std::chrono::steady_clock::time_point when = {};
    std::uint64_t bytes_read = 0; ///< by all of them together, those that ended included
    /// How much there is to copy, as far as somebody knows who is not pgBackRest.
    std::optional<std::uint64_t> assumed_total = {};
};

class progress_estimate {
  public:
    /// `phase` is what the reading is called: a backup's is "copy", and verify's "verify".
    explicit progress_estimate(std::string_view phase) : phase_(phase) {}
    progress_estimate() : progress_estimate("copy") {}

    /// Brings `now`, which the log and `info` have shaped, up to what the sample says: bytes done
    /// and in total, percent, rate and time left.
    void take(progress& now, const progress_sample& sample);

  private:
    [[nodiscard]] bool is_reading(const progress& now) const;
    [[nodiscard]] std::optional<double> total_of(
        const progress& now, const progress_sample& sample) const;
    void measure_rate(double done, std::chrono::steady_clock::time_point when);

    std::string_view phase_;
    double read_ = 0; ///< bytes; the largest number seen
    double done_ = 0;
    double shown_ = 0; ///< percent
    std::optional<std::chrono::steady_clock::time_point> measured_at_ = {};
    double measured_done_ = 0;
    std::optional<double> rate_ = {}; ///< bytes a second
};

} // namespace restpoint::backrest
