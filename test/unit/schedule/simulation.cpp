#include "simulation.hpp"

#include "c_library_zone.hpp"
#include "minute_bits.hpp"
#include "schedule/occurrences.hpp"

#include <algorithm>

namespace restpoint::schedule::test {

namespace {

using std::chrono::minutes;

/// The C library's clock, looked at every hour: what lies between two looks that are an hour apart
/// on its face too is not asked for.
class watched_clock {
  public:
    /// Asked with every minute, in order, beginning on an hour.
    minutes local(minute_time now) {
        const auto since = now.time_since_epoch();
        if (since % std::chrono::hours{1} == minutes{0}) {
            const auto begin = c_library_zone::local(now);
            even_ = c_library_zone::local(now + minutes{60}) - begin == minutes{60};
            offset_ = begin - since;
        }
        return even_ ? since + offset_ : c_library_zone::local(now);
    }

  private:
    bool even_ = false;
    minutes offset_{0};
};

/// The rule, minute by minute.
class walk {
  public:
    walk(const minute_bits& bits, minute_time from)
        : bits_(bits), shown_(c_library_zone::local(from - minutes{1})) {}

    /// What is due at `now`; asked with every minute, in order.
    expression_set due_at(minute_time now) {
        const auto local = clock_.local(now);
        auto due = matching(local);
        if (local <= shown_) {
            return due & bits_.elapsed(); // shown before
        }
        if (local > shown_ + minutes{1}) {
            due = due | (skipped(shown_ + minutes{1}, local) & ~bits_.elapsed());
        }
        shown_ = local;
        return due;
    }

  private:
    expression_set matching(minutes local) {
        const auto count = static_cast<std::uint64_t>(local.count());
        if (count / 60 != hour_) {
            hour_ = count / 60;
            in_hour_ =
                bits_.on_day(static_cast<std::int64_t>(hour_ / 24)) & bits_.at_hour(hour_ % 24);
        }
        return in_hour_ & bits_.at_minute(count % 60);
    }
    expression_set skipped(minutes from, minutes to) {
        expression_set all;
        for (; from < to; ++from) {
            all = all | matching(from);
        }
        return all;
    }

    const minute_bits& bits_;
    watched_clock clock_ = {};
    minutes shown_; ///< the latest local time that the clock has shown
    std::uint64_t hour_ = 0;
    expression_set in_hour_ = {};
};

/// One expression in the engine.
struct followed {
    cron what;
    wall_time next;
    bool differs = false;
};

std::string text_of(wall_time when) {
    return when == wall_time::max() ? "never" : rfc3339(when).substr(0, 19);
}

} // namespace

simulation simulate(
    std::span<const std::string_view> expressions, const char* zone, minute_time from,
    minute_time to) {
    const c_library_zone watched(zone);
    const auto clock = clocks::of(zone).value();
    const auto next = [&](const cron& what, wall_time after) {
        return next_run(what, clock, after).value_or(wall_time::max());
    };
    simulation made;
    std::vector<followed> all;
    for (const auto text : expressions) {
        const auto what = parse_cron(text).value();
        all.push_back({what, next(what, wall_time{from} - std::chrono::seconds{1})});
    }
    const auto differ = [&](std::size_t index, wall_time expected) {
        all[index].differs = true;
        made.differences.push_back(
            std::string(expressions[index]) + " in " + zone + ": " + text_of(all[index].next) +
            " instead of " + text_of(expected));
    };
    const minute_bits bits(expressions);
    walk watch(bits, from);
    for (auto now = from; now < to; ++now) {
        watch.due_at(now).for_each([&](std::size_t index) {
            auto& one = all[index];
            if (one.next == now && !one.differs) {
                one.next = next(one.what, one.next);
                ++made.runs;
            } else if (!one.differs) {
                differ(index, now);
            }
        });
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!all[i].differs && all[i].next < to) {
            differ(i, to);
        }
    }
    return made;
}

} // namespace restpoint::schedule::test
