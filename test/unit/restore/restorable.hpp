// A stanza to restore from, made of numbers of segments.
#pragma once

#include "restore/plan.hpp"
#include "unit/backrest/wal_archive.hpp"

#include <string>
#include <utility>
#include <vector>

namespace restpoint::restore::test {

using backrest::test::wal_archive;

constexpr std::uint64_t our_system = 7'000'000'000'000'000'001;

inline wall_time at(std::int64_t seconds) {
    return wall_time{std::chrono::seconds{seconds}};
}

/// When a segment came into the repo.
inline wall_time when(std::uint64_t segment) {
    return at(wal_archive::time_of(segment));
}

class restorable {
  public:
    restorable() {
        stanza_.name = "main";
        stanza_.databases.push_back({1, 1, our_system, "15"});
        around_.where = {.data_directory = "/pg/data", .exists = true, .device = 1, .inode = 2};
    }

    restorable& segments(std::uint32_t timeline, std::uint64_t first, std::uint64_t last) {
        wal_.segments(timeline, first, last);
        return *this;
    }
    restorable& without(std::uint32_t timeline, std::uint64_t number) {
        wal_.without(timeline, number);
        return *this;
    }
    restorable& fork(std::uint32_t timeline, std::uint32_t parent, std::uint64_t at_segment) {
        wal_.fork(timeline, parent, at_segment);
        return *this;
    }
    restorable& backup(
        const std::string& label, std::uint32_t timeline, std::uint64_t first, std::uint64_t last) {
        wal_.backup(label, timeline, first, last);
        const auto& made = wal_.backups().back();
        backrest::backup_info told;
        told.label = label;
        told.repo = 1;
        told.database_id = 1;
        told.stop = made.stop_time;
        told.wal_start = backrest::to_string(made.wal_start);
        told.wal_stop = backrest::to_string(made.wal_stop);
        told.lsn_stop = backrest::lsn_text(made.stop);
        told.size = 10'000'000'000;
        stanza_.backups.push_back(told);
        return *this;
    }
    /// A server that writes `timeline`, in the middle of segment `number`.
    restorable& live(std::uint32_t timeline, std::uint64_t number) {
        around_.live = live_cluster{
            .system_id = our_system,
            .timeline = timeline,
            .position = number * wal_.layout().segment_bytes() + 500,
            .now = when(number)};
        return *this;
    }

    [[nodiscard]] live_cluster& server() { return around_.live.value(); }
    [[nodiscard]] backrest::stanza_info& stanza() { return stanza_; }
    [[nodiscard]] wal_archive& wal() { return wal_; }
    [[nodiscard]] std::vector<jobs::archive_answer>& more_archives() { return more_; }
    [[nodiscard]] std::optional<set_details>& details() { return details_; }
    [[nodiscard]] surroundings& around() { return around_; }
    [[nodiscard]] std::optional<disk_room>& room() { return around_.room; }
    [[nodiscard]] std::vector<earlier_restore>& earlier() { return around_.earlier; }

    [[nodiscard]] plan make(const plan_request& asked) const {
        std::vector<jobs::archive_answer> archives = more_;
        archives.push_back({{1, 1, "15-1", true}, wal_.window(), {}});
        return make_plan(
            asked, {.stanza = stanza_,
                    .archives = archives,
                    .around = around_,
                    .now = when(1000),
                    .details = details_});
    }
    [[nodiscard]] plan make(const target& to) const { return make(plan_request{.to = to}); }

  private:
    wal_archive wal_ = wal_archive();
    backrest::stanza_info stanza_ = {};
    std::vector<jobs::archive_answer> more_ = {};
    surroundings around_ = {};
    std::optional<set_details> details_ = {};
};

inline target to_time(wall_time when) {
    return {.kind = target_kind::time, .time = when};
}
inline target to_lsn(backrest::lsn position) {
    return {.kind = target_kind::lsn, .position = position};
}
inline const target latest{.kind = target_kind::latest};

/// The label of the set, or the names of the refusals.
inline std::string outcome(const plan& made) {
    if (made.can_be_carried_out() && made.set) {
        return made.set->label;
    }
    std::string all;
    for (const auto& one : made.refusals) {
        all += (all.empty() ? "" : " ") + std::string(to_string(one.why));
    }
    return all;
}

} // namespace restpoint::restore::test
