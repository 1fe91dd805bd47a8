#include "restore/pin.hpp"

#include "base/file.hpp"
#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace restpoint::restore {
namespace {

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
        written = overwrite(file, wanted); // its folder may not be ours to write
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
