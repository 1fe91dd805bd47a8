#include "backrest/version.hpp"

#include <fmt/format.h>

#include <charconv>

namespace restpoint::backrest {

namespace {

/// Takes a number of at most four digits off the front of `text`.
std::optional<int> take_number(std::string_view& text) {
    constexpr std::size_t most_digits = 4;
    int value = 0;
    const auto* const front = text.data();
    const auto [stop, error] = std::from_chars(front, front + text.size(), value);
    const auto digits = static_cast<std::size_t>(stop - front);
    if (error != std::errc{} || digits > most_digits || text.front() == '-') {
        return std::nullopt;
    }
    text.remove_prefix(digits);
    return value;
}

} // namespace

std::optional<program_version> parse_version(std::string_view output) {
    constexpr std::string_view name = "pgBackRest ";
    if (output.substr(0, name.size()) != name) {
        return std::nullopt;
    }
    output.remove_prefix(name.size());
    while (!output.empty() && (output.back() == '\n' || output.back() == '\r')) {
        output.remove_suffix(1);
    }
    program_version version;
    const auto major = take_number(output);
    if (!major || output.empty() || output.front() != '.') {
        return std::nullopt;
    }
    output.remove_prefix(1);
    const auto minor = take_number(output);
    if (!minor) {
        return std::nullopt;
    }
    version = {*major, *minor, 0};
    if (!output.empty() && output.front() == '.') {
        output.remove_prefix(1);
        const auto patch = take_number(output);
        if (!patch) {
            return std::nullopt;
        }
        version.patch = *patch;
    }
    return output.empty() || output == "dev" ? std::optional(version) : std::nullopt;
}

std::string to_string(const program_version& version) {
    return version.patch == 0
               ? fmt::format("{}.{}", version.major, version.minor)
               : fmt::format("{}.{}.{}", version.major, version.minor, version.patch);
}

features features_of(const program_version& version) {
    const auto since = [&](int minor) { return version >= program_version{2, minor, 0}; };
    return {
        .running_sizes_in_info = since(48),
        .concurrent_repos = since(53),
        .verify_set = since(55),
        .timeline_precheck = since(55),
        .restore_progress_in_info = since(56)};
}

} // namespace restpoint::backrest
