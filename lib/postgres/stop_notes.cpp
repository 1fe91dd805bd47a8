#include "postgres/stop_notes.hpp"

#include "base/utf8.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

namespace restpoint::postgres {

namespace {

constexpr std::size_t longest_title = 200;

/// "archiver archiving 0000…" of "postgres: main: archiver archiving 0000…"; empty for what is no
/// process of the server itself.
std::string_view role_of(std::string_view title) {
    constexpr std::string_view front = "postgres: ";
    if (!title.starts_with(front)) {
        return {};
    }
    title.remove_prefix(front.size());
    const auto name = title.find(": "); // cluster_name, if there is one
    return name == std::string_view::npos ? title : title.substr(name + 2);
}

bool is_part_of_stopping(std::string_view role) {
    return role.starts_with("archiver") || role.starts_with("checkpointer") ||
           role.starts_with("walsender");
}

} // namespace

std::string what_holds_a_stop(std::span<const std::string> titles) {
    std::vector<std::string> parts;
    std::size_t sessions = 0;
    for (const auto& title : titles) {
        const auto role = role_of(title);
        if (role.empty()) {
            parts.push_back(fmt::format("the command '{}'", presentable(title, longest_title)));
        } else if (is_part_of_stopping(role)) {
            parts.push_back(fmt::format("its {}", presentable(role, longest_title)));
        } else {
            ++sessions;
        }
    }
    if (sessions > 0) {
        parts.push_back(fmt::format("{} other process{}", sessions, sessions == 1 ? "" : "es"));
    }
    return parts.empty() ? std::string{} : fmt::format("still there: {}", fmt::join(parts, ", "));
}

bool waits_for_archiving(std::span<const std::string> titles) {
    for (const auto& title : titles) {
        if (role_of(title).starts_with("archiver")) {
            return true;
        }
    }
    return false;
}

failure stop_took_too_long(
    std::string_view mode, std::chrono::milliseconds waited, std::span<const std::string> titles) {
    failure why{
        errc::timed_out,
        fmt::format(
            "PostgreSQL has not ended {:.1f} s after it was told to stop (mode {})",
            static_cast<double>(waited.count()) / 1000.0, mode)};
    const auto holding = what_holds_a_stop(titles);
    why.detail += holding.empty() ? std::string{} : "; " + holding;
    if (waits_for_archiving(titles)) {
        why.hint = "it waits for its archiver: look whether the archive command hangs, because the "
                   "repo does not answer for example. It ends by itself once archiving goes on; "
                   "the mode immediate ends it at once, loses nothing that was committed, and "
                   "makes the next start recover from WAL";
    } else {
        why.hint = "it goes on stopping; the mode immediate ends it at once, loses nothing that "
                   "was committed, and makes the next start recover from WAL";
    }
    return why;
}

} // namespace restpoint::postgres
