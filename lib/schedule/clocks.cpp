#include "schedule/clocks.hpp"

#include "base/utf8.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <limits>
#include <utility>

namespace restpoint::schedule {

namespace {

using std::chrono::floor;
using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;

const sys_seconds first_instant = floor<seconds>(wall_time::min());
const sys_seconds last_instant = floor<seconds>(wall_time::max());

/// None when the zone is not known, or there is no zone database at all.
const date::time_zone* find_zone(const std::string& name) {
    try {
        return date::locate_zone(name);
    } catch (const std::exception&) {
        return nullptr;
    }
}

/// A change of the name alone, or of what counts as summer time, does not move the clocks.
std::vector<even_stretch> read_stretches(const date::time_zone& zone) {
    std::vector<even_stretch> all;
    for (auto begin = first_instant; begin < last_instant;) {
        const auto info = zone.get_info(begin);
        const auto end = std::min(sys_seconds{info.end.time_since_epoch()}, last_instant);
        if (!all.empty() && all.back().offset == info.offset) {
            all.back().end = end;
        } else {
            all.push_back({begin, end, info.offset, {}});
        }
        begin = end;
    }
    auto shown = all.front().local(all.front().begin);
    for (auto& stretch : all) {
        stretch.new_from = shown;
        shown = std::max(shown, stretch.local(stretch.end));
    }
    return all;
}

} // namespace

clocks::clocks() {
    static const auto utc = std::make_shared<const zone>(zone{
        "UTC",
        {{first_instant, last_instant, seconds{0},
          local_seconds{first_instant.time_since_epoch()}}}});
    zone_ = utc;
}

result<clocks> clocks::of(const std::string& name) {
    if (name == "UTC") {
        return clocks{};
    }
    const auto* const found = find_zone(name);
    if (found == nullptr) {
        return failure{
            errc::invalid, fmt::format("time zone '{}' is not known", presentable(name, 64)),
            "name an IANA zone such as Europe/Berlin, and install tzdata"};
    }
    return clocks{std::make_shared<const zone>(zone{name, read_stretches(*found)})};
}

std::size_t clocks::stretch_at(sys_seconds instant) const {
    const auto& all = stretches();
    const auto after = std::ranges::upper_bound(all, instant, {}, &even_stretch::begin);
    return static_cast<std::size_t>(std::max(after - all.begin(), std::ptrdiff_t{1}) - 1);
}

local_seconds clocks::show(wall_time instant) const {
    const auto at = floor<seconds>(instant);
    return stretches()[stretch_at(at)].local(at);
}

std::string clocks::text(wall_time instant) const {
    const auto at = floor<seconds>(instant);
    const auto offset = stretches()[stretch_at(at)].offset;
    // The local time as if it were UTC, with the right offset behind it.
    const auto local = rfc3339(wall_time{
        std::chrono::duration_cast<wall_time::duration>((at + offset).time_since_epoch())});
    const auto away = std::chrono::round<std::chrono::minutes>(std::chrono::abs(offset));
    return fmt::format(
        "{}{}{:02}:{:02}", local.substr(0, local.find('.')), offset < seconds{0} ? '-' : '+',
        away.count() / 60, away.count() % 60);
}

} // namespace restpoint::schedule
