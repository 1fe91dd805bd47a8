#include "restore/pin.hpp"

#include "base/file.hpp"
#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

namespace restpoint::restore {
namespace {

constexpr std::string_view block_begin = "# restpoint: the live timeline";
constexpr std::string_view block_end = "# restpoint: end of it";
constexpr std::string_view option = "target-timeline=";

std::string block(std::string_view stanza, std::uint32_t timeline) {
    return fmt::format(
        "{}\n[{}:restore]\n{}{}\n{}\n", block_begin, stanza, option, timeline, block_end);
}

/// In place, so that owner and mode stay and no folder need be writable; whole, because it is small.
result<> overwrite(const std::filesystem::path& file, std::string_view content) {
    const unique_fd fd{::open(file.c_str(), O_WRONLY | O_CLOEXEC)};
    if (!fd) {
        return system_failure(fmt::format("cannot write '{}'", file.native()), errno);
    }
    if (auto written = write_all(fd.get(), content); !written) {
        return written;
    }
    if (::ftruncate(fd.get(), static_cast<off_t>(content.size())) != 0 || ::fsync(fd.get()) != 0) {
        return system_failure(fmt::format("cannot write '{}'", file.native()), errno);
    }
    return {};
}

} // namespace

std::string with_pin(
    std::string_view config, std::string_view stanza, std::optional<std::uint32_t> timeline) {
    std::string kept;
    bool in_block = false;
    while (!config.empty()) {
        const auto end = std::min(config.find('\n'), config.size() - 1);
        const auto line = config.substr(0, end + 1);
        config.remove_prefix(line.size());
        in_block = in_block || line.starts_with(block_begin);
        if (!in_block) {
            kept += line;
        }
        in_block = in_block && !line.starts_with(block_end);
    }
    if (!timeline) {
        return kept;
    }
    if (!kept.empty() && !kept.ends_with('\n')) {
        kept += '\n';
    }
    return kept + block(stanza, *timeline);
}

std::optional<std::uint32_t> pin_in(std::string_view config) {
    const auto begin = config.find(block_begin);
    const auto at = begin == config.npos ? begin : config.find(option, begin);
    if (at == config.npos) {
        return std::nullopt;
    }
    const auto text = config.substr(at + option.size());
    std::uint32_t timeline = 0;
    const auto [stop, bad] = std::from_chars(text.data(), text.data() + text.size(), timeline);
    return bad == std::errc{} ? std::optional(timeline) : std::nullopt;
}

result<> pin_timeline(
    const std::filesystem::path& config, std::string_view stanza,
    std::optional<std::uint32_t> timeline) {
    const auto content = read_file(config);
    if (!content) {
        return content.error();
    }
    const auto wanted = with_pin(*content, stanza, timeline);
    if (wanted == *content) {
        return {};
    }
    struct stat about{};
    ::stat(config.c_str(), &about);
    auto written = write_file(config, wanted, about.st_mode & 0777U);
    if (!written) {
        written = overwrite(config, wanted); // its folder may not be ours to write
    }
    if (!written) {
        return failure{
            errc::io, written.error().detail,
            timeline ? "add these lines to it: " + block(stanza, *timeline)
                     : "take the lines between '# restpoint:' out of it"};
    }
    return {};
}

} // namespace restpoint::restore
