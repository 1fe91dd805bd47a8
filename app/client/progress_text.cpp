#include "client/progress_text.hpp"

#include "client/words.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace restpoint::client {
namespace {

constexpr double whole = 100;

double percent_of(const progress& now) {
    return std::clamp(now.percent.value_or(0), 0.0, whole);
}

std::string amount_of(const progress& now) {
    if (!now.bytes_done) {
        return {};
    }
    return now.bytes_total
               ? fmt::format("{} of {}", size_words(*now.bytes_done), size_words(*now.bytes_total))
               : size_words(*now.bytes_done);
}

/// Whole seconds: it is an estimate.
std::string time_left(std::uint64_t seconds) {
    constexpr std::uint64_t a_minute = 60;
    return seconds < a_minute ? fmt::format("{} s left", seconds)
                              : span_words(static_cast<double>(seconds)) + " left";
}

/// What is known, the most important first.
std::string words_of(const progress& now) {
    std::string text = now.percent ? fmt::format("{:.1f} %", percent_of(now)) : "";
    const auto add = [&text](const std::string& more) {
        text += text.empty() || more.empty() ? more : "  " + more;
    };
    add(amount_of(now));
    add(now.rate ? size_words(*now.rate) + "/s" : "");
    add(now.eta ? time_left(*now.eta) : "");
    return text;
}

} // namespace

std::string progress_bar(const progress& now, std::size_t columns) {
    constexpr std::size_t widest = 40;
    constexpr std::size_t narrowest = 10;
    const auto words = words_of(now);
    auto head = now.phase.empty() || words.empty() ? now.phase : now.phase + "  ";
    const auto taken = head.size() + words.size() + 4; // brackets and two blanks
    if (now.percent && taken + narrowest <= columns) {
        const auto width = std::min(columns - taken, widest);
        const auto full =
            static_cast<std::size_t>(percent_of(now) / whole * static_cast<double>(width));
        head += '[' + std::string(full, '=') + std::string(width - full, ' ') + "]  ";
    }
    return (head + words).substr(0, columns);
}

std::optional<std::string> progress_lines::look(const progress& now) {
    constexpr double a_tenth = 10;
    const auto tenth = static_cast<int>(percent_of(now) / a_tenth);
    const bool new_phase = !now.phase.empty() && now.phase != phase_;
    if (!new_phase && tenth <= tenth_) {
        return std::nullopt;
    }
    phase_ = now.phase;
    tenth_ = std::max(tenth, tenth_);
    const auto words = words_of(now);
    const auto* const between = words.empty() || now.phase.empty() ? "" : ": ";
    return fmt::format("{}{}{}\n", now.phase, between, words);
}

} // namespace restpoint::client
