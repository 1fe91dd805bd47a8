#include "backrest/segment_size.hpp"

#include <algorithm>
#include <vector>

namespace restpoint::backrest {

namespace {

std::vector<wal_layout> all_sizes() {
    std::vector<wal_layout> all;
    for (auto bytes = wal_layout::smallest; bytes <= wal_layout::largest; bytes *= 2) {
        all.push_back(*wal_layout::of(bytes));
    }
    return all;
}

/// Takes away the sizes that this backup disproves, unless it would disprove every one: then it is
/// the backup that says nothing.
void narrow(std::vector<wal_layout>& possible, const backup_info& by) {
    const auto name = by.wal_start ? parse_segment_name(*by.wal_start) : std::nullopt;
    const auto position = by.lsn_start ? parse_lsn(*by.lsn_start) : std::nullopt;
    if (!name || !position) {
        return;
    }
    std::vector<wal_layout> fitting;
    for (const auto& size : possible) {
        if (size.number(*name) == size.number_at(*position)) {
            fitting.push_back(size);
        }
    }
    if (!fitting.empty()) {
        possible = std::move(fitting);
    }
}

} // namespace

std::string_view to_string(segment_size::source from) {
    switch (from) {
    case segment_size::source::backups:
        return "backups";
    case segment_size::source::postgresql:
        return "postgresql";
    case segment_size::source::assumed:
        return "assumed";
    }
    // uncovered: every value has its case
    return "assumed";
}

segment_size learn_segment_size(
    const archive_listing& listing, std::span<const backup_info> backups,
    std::optional<std::uint64_t> told) {
    using source = segment_size::source;
    auto possible = all_sizes();
    for (const auto& backup : backups) {
        narrow(possible, backup);
    }
    if (possible.size() == 1) {
        return {possible.front(), source::backups};
    }
    std::uint32_t highest = 0;
    for (const auto& segment : listing.segments) {
        highest = std::max(highest, segment.name.segment);
    }
    std::vector<wal_layout> fitting;
    for (const auto& size : possible) {
        if (highest < size.segments_per_log()) {
            fitting.push_back(size);
        }
    }
    if (fitting.empty()) {
        return {possible.front(), source::assumed};
    }
    const auto server = told ? wal_layout::of(*told) : std::nullopt;
    if (server && std::find(fitting.begin(), fitting.end(), *server) != fitting.end()) {
        return {*server, source::postgresql};
    }
    // Ascending: the last one up to the default, else the smallest there is.
    auto chosen = fitting.front();
    for (const auto& size : fitting) {
        if (size.segment_bytes() <= wal_layout{}.segment_bytes()) {
            chosen = size;
        }
    }
    return {chosen, source::assumed};
}

} // namespace restpoint::backrest
