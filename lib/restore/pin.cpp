#include "restore/pin.hpp"

#include "base/file.hpp"
#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <sstream>

namespace restpoint::restore {
namespace {

/// Where no other file can take its place, its folder being somebody else's. Whoever reads it meanwhile
/// finds the old content or the new: only what differs is written, at once, and the room for it is
/// taken before.
result<> overwrite(
    const std::filesystem::path& file, std::string_view before, std::string_view after) {
    const unique_fd fd{::open(file.c_str(), O_RDWR | O_CLOEXEC)};
    if (!fd) {
        return system_failure(fmt::format("cannot write '{}'", file.native()), errno);
    }
    const auto cannot = [&] {
        return system_failure(fmt::format("cannot write '{}'", file.native()), errno);
    };
    const auto size = static_cast<off_t>(after.size());
    if (after.size() > before.size() && ::fallocate(fd.get(), FALLOC_FL_KEEP_SIZE, 0, size) != 0) {
        return cannot();
    }
    const auto same =
        static_cast<std::size_t>(std::ranges::mismatch(before, after).in1 - before.begin());
    const auto rest = after.substr(same);
    if (::pwrite(fd.get(), rest.data(), rest.size(), static_cast<off_t>(same)) !=
        static_cast<ssize_t>(rest.size())) {
        auto why = cannot();
        const auto old = before.substr(same);
        if (::pwrite(fd.get(), old.data(), old.size(), static_cast<off_t>(same)) < 0 ||
            ::ftruncate(fd.get(), static_cast<off_t>(before.size())) != 0) {
            why.detail += ", nor put back what was there";
        }
        return why;
    }
    if (::ftruncate(fd.get(), size) != 0 || ::fsync(fd.get()) != 0) {
        return cannot();
    }
    return {};
}

std::filesystem::path note_in(const std::filesystem::path& root) {
    return root / "live_timeline";
}

} // namespace

result<> note_live_timeline(const std::filesystem::path& root, live_timeline what) {
    return write_file(note_in(root), fmt::format("{} {}\n", what.live, what.newest));
}

std::optional<live_timeline> noted_live_timeline(const std::filesystem::path& root) {
    const auto text = read_file(note_in(root));
    std::istringstream numbers(text ? *text : std::string());
    live_timeline found;
    numbers >> found.live >> found.newest;
    return numbers ? std::optional(found) : std::nullopt;
}

result<> pin_timeline(
    const std::filesystem::path& config, std::string_view stanza,
    std::optional<std::uint32_t> timeline) {
    // Where it is a link, what it leads to is replaced, and not the link.
    std::error_code missing;
    auto file = std::filesystem::canonical(config, missing);
    file = missing ? config : file;
    const auto content = read_file(file);
    if (!content) {
        return content.error();
    }
    const auto wanted = with_pin(*content, stanza, timeline);
    if (wanted == *content) {
        return {};
    }
    struct stat about{};
    ::stat(file.c_str(), &about);
    auto written = write_file(file, wanted, about.st_mode & 0777U);
    if (!written) {
        written = overwrite(file, *content, wanted);
    }
    if (!written) {
        return failure{
            errc::io, written.error().detail,
            timeline ? "add these lines to it: " + pin_block(stanza, *timeline)
                     : "take the lines from '# restpoint: the live timeline' to '# restpoint: end "
                       "of it' out"};
    }
    return {};
}

} // namespace restpoint::restore
