// The clocks of a time zone, as stretches of time in which they run evenly: the table of the zone
// database is read once, and every question is an index into it. Pure.
#pragma once

#include "base/result.hpp"
#include "base/time_text.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace restpoint::schedule {

/// A stretch of time with one offset. Neighbours have different ones.
struct even_stretch {
    std::chrono::sys_seconds begin; ///< inclusive
    std::chrono::sys_seconds end;   ///< exclusive
    std::chrono::seconds offset;    ///< local time minus UTC
    /// The earliest local time that was never shown before `begin`. Behind the local time of
    /// `begin` when an hour comes twice, before it when one is skipped.
    std::chrono::local_seconds new_from;

    [[nodiscard]] std::chrono::local_seconds local(std::chrono::sys_seconds instant) const {
        return std::chrono::local_seconds{instant.time_since_epoch() + offset};
    }
    [[nodiscard]] std::chrono::sys_seconds instant(std::chrono::local_seconds shown) const {
        return std::chrono::sys_seconds{shown.time_since_epoch() - offset};
    }
};

/// Cheap to copy.
class clocks {
  public:
    clocks(); ///< UTC, which needs no zone database

    /// `name` is an IANA name. Fails with `invalid` when the zone database does not know it, or is
    /// not there.
    [[nodiscard]] static result<clocks> of(const std::string& name);

    [[nodiscard]] const std::string& name() const { return zone_->name; }

    /// All of what wall_time can express, in order and without a hole.
    [[nodiscard]] const std::vector<even_stretch>& stretches() const { return zone_->stretches; }

    /// Index of the stretch that `instant` lies in; of the nearest one beyond wall_time.
    [[nodiscard]] std::size_t stretch_at(std::chrono::sys_seconds instant) const;

    [[nodiscard]] std::chrono::local_seconds show(wall_time instant) const;

    /// "2026-03-29T03:00:00+02:00" (RFC 3339).
    [[nodiscard]] std::string text(wall_time instant) const;

    friend bool operator==(const clocks& a, const clocks& b) { return a.name() == b.name(); }

  private:
    struct zone {
        std::string name;
        std::vector<even_stretch> stretches;
    };
    explicit clocks(std::shared_ptr<const zone> z) : zone_(std::move(z)) {}

    std::shared_ptr<const zone> zone_;
};

} // namespace restpoint::schedule
