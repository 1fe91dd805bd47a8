// Archives made of numbers, for tests of the walk.
#pragma once

#include "backrest/wal_window.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace restpoint::backrest::test {

class wal_archive {
  public:
    explicit wal_archive(std::uint64_t size_mb = 16) : layout_(*wal_layout::of(size_mb << 20U)) {}

    /// Segments `first` to `last` of a timeline; each came into the repo 10 s after the one before.
    wal_archive& segments(std::uint32_t timeline, std::uint64_t first, std::uint64_t last) {
        for (auto number = first; number <= last; ++number) {
            listing_.segments.push_back({name(timeline, number), time_of(number)});
        }
        return *this;
    }
    wal_archive& without(std::uint32_t timeline, std::uint64_t number) {
        const auto gone = name(timeline, number);
        std::erase_if(listing_.segments, [&](const auto& one) { return one.name == gone; });
        return *this;
    }
    /// `timeline` began in the middle of segment `at` of `parent`.
    wal_archive& fork(std::uint32_t timeline, std::uint32_t parent, std::uint64_t at) {
        const auto before = ancestry_of(parent, histories_);
        auto way = before.value_or(ancestry{});
        way.push_back({parent, at * layout_.segment_bytes() + 100});
        histories_[timeline] = way;
        listing_.histories.push_back({timeline, 0, 50});
        return *this;
    }
    /// A backup from the middle of segment `first` to the middle of `last`.
    wal_archive& backup(
        const std::string& label, std::uint32_t timeline, std::uint64_t first, std::uint64_t last) {
        backups_.push_back(
            {label, name(timeline, first), name(timeline, last),
             last * layout_.segment_bytes() + 50, time_of(last) + 1});
        return *this;
    }

    [[nodiscard]] archive_window window(window_limits limits = {}) const {
        auto sorted = listing_;
        std::sort(sorted.segments.begin(), sorted.segments.end(), [](const auto& a, const auto& b) {
            return a.name < b.name;
        });
        return find_window(
            sorted, histories_, backups_, {layout_, segment_size::source::backups}, limits);
    }

    [[nodiscard]] segment_name name(std::uint32_t timeline, std::uint64_t number) const {
        return layout_.name(timeline, number);
    }
    [[nodiscard]] const wal_layout& layout() const { return layout_; }
    [[nodiscard]] archive_listing& listing() { return listing_; }
    [[nodiscard]] std::vector<base_backup>& backups() { return backups_; }
    [[nodiscard]] timeline_histories& histories() { return histories_; }
    [[nodiscard]] static std::int64_t time_of(std::uint64_t number) {
        return 1'795'000'000 + 10 * static_cast<std::int64_t>(number);
    }

  private:
    wal_layout layout_;
    archive_listing listing_ = {};
    timeline_histories histories_ = {};
    std::vector<base_backup> backups_ = {};
};

/// "000000010000000000000003-000000010000000000000004 (2) after … before …"
inline std::string text_of(const wal_gap& gap) {
    const auto or_none = [](const auto& name) { return name ? to_string(*name) : "nothing"; };
    return to_string(gap.first_missing) + "-" + to_string(gap.last_missing) + " (" +
           std::to_string(gap.count) + ") after " + or_none(gap.after) + " before " +
           or_none(gap.before);
}

inline std::vector<std::string> text_of(const std::vector<wal_gap>& gaps) {
    std::vector<std::string> all;
    for (const auto& gap : gaps) {
        all.push_back(text_of(gap));
    }
    return all;
}

/// "LABEL: first segment-last segment"
inline std::vector<std::string> text_of(const std::vector<wal_stretch>& stretches) {
    std::vector<std::string> all;
    for (const auto& one : stretches) {
        all.push_back(one.backup + ": " + to_string(one.from_wal) + "-" + to_string(one.to_wal));
    }
    return all;
}

} // namespace restpoint::backrest::test
