#include "schedule/slot_claim.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

namespace restpoint::schedule {

namespace {

constexpr std::string_view left_mark = "_left";
constexpr std::size_t longest_machine = 64;

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// "20261123T021000Z"
std::string slot_text(wall_time due) {
    const auto text = rfc3339(due); // "2026-11-23T02:10:00.000Z"
    return fmt::format(
        "{}{}{}T{}{}{}Z", text.substr(0, 4), text.substr(5, 2), text.substr(8, 2),
        text.substr(11, 2), text.substr(14, 2), text.substr(17, 2));
}

wall_time stamp_of(const slot_claim& what) {
    return wall_time{std::chrono::seconds{what.time}};
}

/// A machine whose clock goes ahead: it withdraws by itself, and stands in nobody's way.
bool is_early(const slot_claim& what) {
    return what.due > stamp_of(what) + claim_lead;
}

bool is_in(std::span<const std::string> all, const std::string& one) {
    return std::ranges::find(all, one) != all.end();
}

bool counts(const slot_claim& what, std::span<const std::string> earlier) {
    return !what.withdrawn && !is_early(what) && !is_in(earlier, what.nonce);
}

} // namespace

std::string machine_of(std::string_view host) {
    std::string name;
    for (const char c : host.substr(0, longest_machine)) {
        name += is_letter_or_digit(c) || c == '.' ? c : '-';
    }
    return name.empty() ? "unnamed" : name;
}

std::string claims_path(std::string_view stanza, std::string_view schedule) {
    return fmt::format("restpoint/{}/slots/{}", stanza, schedule);
}

std::string day_of(wall_time due) {
    return rfc3339(due).substr(0, 10);
}

std::string file_of(const slot_claim& what) {
    return fmt::format(
        "{}_{}_{}{}", slot_text(what.due), what.machine, what.nonce,
        what.withdrawn ? left_mark : "");
}

std::vector<slot_claim> claims_in(std::span<const backrest::repo_entry> day, wall_time due) {
    const auto slot = slot_text(due) + '_';
    std::set<std::string_view> withdrawals;
    for (const auto& one : day) {
        const std::string_view name = one.name;
        if (name.ends_with(left_mark)) {
            withdrawals.insert(name.substr(0, name.size() - left_mark.size()));
        }
    }
    std::vector<slot_claim> claims;
    for (const auto& one : day) {
        const std::string_view name = one.name;
        const auto end = name.rfind('_');
        if (one.is_folder || !name.starts_with(slot) || name.ends_with(left_mark) ||
            end < slot.size()) {
            continue;
        }
        slot_claim claim;
        claim.due = due;
        claim.machine = name.substr(slot.size(), end - slot.size());
        claim.nonce = name.substr(end + 1);
        claim.withdrawn = withdrawals.contains(name);
        claim.time = one.time;
        claims.push_back(std::move(claim));
    }
    std::ranges::sort(
        claims, {}, [](const slot_claim& one) { return std::tie(one.time, one.nonce); });
    return claims;
}

std::optional<std::string> claimed_by(
    std::span<const slot_claim> all, std::span<const std::string> earlier) {
    const auto found =
        std::ranges::find_if(all, [&](const slot_claim& one) { return counts(one, earlier); });
    return found == all.end() ? std::nullopt : std::optional(found->machine);
}

judgement judge(
    std::span<const slot_claim> all, const std::string& nonce,
    std::span<const std::string> earlier) {
    const auto own = std::ranges::find(all, nonce, &slot_claim::nonce);
    if (own == all.end()) {
        return {slot_verdict::not_listed};
    }
    if (is_early(*own)) {
        return {slot_verdict::clock_ahead};
    }
    if (own->due < stamp_of(*own) - oldest_slot) {
        return {slot_verdict::too_late};
    }
    const auto first = std::ranges::find_if(
        all, [&](const slot_claim& one) { return one.nonce == nonce || counts(one, earlier); });
    return first->nonce == nonce ? judgement{slot_verdict::ours}
                                 : judgement{slot_verdict::theirs, first->machine};
}

std::vector<std::string> outlived(std::span<const backrest::repo_entry> days, wall_time due) {
    const auto first = day_of(due - claims_kept);
    std::vector<std::string> old;
    for (const auto& one : days) {
        const bool is_day = one.is_folder && one.name.size() == first.size() &&
                            one.name.find_first_not_of("0123456789-") == one.name.npos;
        if (is_day && one.name < first) {
            old.push_back(one.name);
        }
    }
    return old;
}

} // namespace restpoint::schedule
