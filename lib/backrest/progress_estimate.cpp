#include "backrest/progress_estimate.hpp"

#include <algorithm>
#include <cmath>

namespace restpoint::backrest {

namespace {

/// What a worker reads before it copies: itself, and its orders.
constexpr double before_copying = 1 << 20;

/// Until the backup is completed there is something left.
constexpr double most_of_it = 0.999;

/// A rate of some seconds: compression makes some files slow, caches make some fast.
constexpr std::chrono::duration<double> memory{8};
constexpr std::chrono::duration<double> shortest_measure{0.5};

std::uint64_t to_bytes(double value) {
    return static_cast<std::uint64_t>(std::clamp(value, 0.0, 0x1p62));
}

} // namespace

bool progress_estimate::is_reading(const progress& now) const {
    return now.phase.empty() || now.phase == "start" || now.phase == phase_;
}

std::optional<double> progress_estimate::total_of(
    const progress& now, const progress_sample& sample) const {
    if (now.total_is_exact && now.bytes_total) {
        return static_cast<double>(*now.bytes_total);
    }
    // The log's own percentage is exact, if coarse: with it the total follows.
    if (now.logged_percent > 0 && now.bytes_logged > 0) {
        return static_cast<double>(now.bytes_logged) * 100 / now.logged_percent;
    }
    // A guess that what was read has come near to was too small.
    if (sample.assumed_total && *sample.assumed_total > 0) {
        return std::max(static_cast<double>(*sample.assumed_total), read_ * 1.05);
    }
    return std::nullopt;
}

void progress_estimate::measure_rate(double done, std::chrono::steady_clock::time_point when) {
    if (!measured_at_) {
        measured_at_ = when;
        measured_done_ = done;
        return;
    }
    const std::chrono::duration<double> passed = when - *measured_at_;
    if (passed < shortest_measure) {
        return;
    }
    const auto latest = (done - measured_done_) / passed.count();
    const auto weight = rate_ ? 1 - std::exp(-passed / memory) : 1.0;
    rate_ = rate_.value_or(0) + weight * (latest - rate_.value_or(0));
    measured_at_ = when;
    measured_done_ = done;
}

void progress_estimate::take(progress& now, const progress_sample& sample) {
    now.estimated = false;
    now.rate.reset();
    now.seconds_left.reset();
    if (!is_reading(now)) {
        return;
    }
    read_ = std::max(read_, static_cast<double>(sample.bytes_read));
    if (now.phase != phase_) {
        if (read_ < before_copying) {
            return;
        }
        now.phase = phase_;
    }
    const auto total = total_of(now, sample);
    // Of what is known to be copied, and what was read for it: whichever is ahead. What was read
    // beyond the total was read twice, or is no file.
    const auto read = total ? std::min(read_, *total * most_of_it) : read_;
    done_ = std::max({done_, read, static_cast<double>(now.bytes_done.value_or(0))});
    now.bytes_done = std::max(now.bytes_done.value_or(0), to_bytes(done_));
    if (now.bytes_total) {
        now.bytes_total = std::max(*now.bytes_total, *now.bytes_done);
    }
    now.estimated = true;
    measure_rate(done_, sample.when);
    if (!total) {
        now.rate = rate_;
        return;
    }
    const auto size = std::max(*total, done_);
    if (!now.total_is_exact) {
        now.bytes_total = std::max(to_bytes(size), *now.bytes_done);
    }
    shown_ = std::max({shown_, std::min(done_ / size, most_of_it) * 100, now.percent.value_or(0)});
    now.percent = shown_;
    now.rate = rate_;
    // Where all seems to be read and the log has yet to say so, the total was too small or workers
    // read more than files: what is left is not known, and a rate that dies away would make it hours.
    const bool at_its_edge =
        read_ >= *total * most_of_it && static_cast<double>(now.bytes_logged) < *total * most_of_it;
    if (rate_ && *rate_ > 0 && !at_its_edge) {
        now.seconds_left = (size - done_) / *rate_;
    }
}

} // namespace restpoint::backrest
