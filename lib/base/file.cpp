#include "base/file.hpp"

#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace restpoint {

result<std::string> read_file(const std::filesystem::path& path, std::size_t limit) {
    // Not waiting for a writer, should it be a pipe.
    const unique_fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (!fd) {
        auto failed = system_failure(fmt::format("cannot open '{}'", path.native()), errno);
        if (errno == ENOENT || errno == ENOTDIR) {
            failed.code = errc::not_found;
        }
        return failed;
    }
    struct stat about{};
    if (::fstat(fd.get(), &about) != 0 || S_ISFIFO(about.st_mode) || S_ISSOCK(about.st_mode)) {
        return failure{errc::invalid, fmt::format("'{}' is not a file", path.native())};
    }
    std::string content;
    std::array<char, 16384> block{};
    for (;;) {
        const auto n = ::read(fd.get(), block.data(), block.size());
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return system_failure(fmt::format("cannot read '{}'", path.native()), errno);
        }
        if (n == 0) {
            return content;
        }
        content.append(block.data(), static_cast<std::size_t>(n));
        if (content.size() > limit) {
            return failure{
                errc::invalid, fmt::format("'{}' is larger than {} bytes", path.native(), limit)};
        }
    }
}

result<std::string> read_tail(const std::filesystem::path& path, std::size_t limit) {
    const unique_fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    struct stat about{};
    if (!fd || ::fstat(fd.get(), &about) != 0) {
        return system_failure(fmt::format("cannot open '{}'", path.native()), errno);
    }
    const auto size = static_cast<std::size_t>(about.st_size);
    const auto from = size > limit ? size - limit : 0;
    std::string text(size - from, '\0');
    std::size_t have = 0;
    while (have < text.size()) {
        const auto n = ::pread(
            fd.get(), text.data() + have, text.size() - have, static_cast<off_t>(from + have));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return system_failure(fmt::format("cannot read '{}'", path.native()), errno);
        }
        if (n == 0) {
            break;
        }
        have += static_cast<std::size_t>(n);
    }
    text.resize(have);
    if (from > 0) {
        const auto end_of_first = text.find('\n');
        text.erase(0, end_of_first == text.npos ? text.size() : end_of_first + 1);
    }
    return text;
}

result<> write_all(int fd, std::string_view data) {
    while (!data.empty()) {
        const auto n = ::write(fd, data.data(), data.size());
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return system_failure("cannot write", errno);
        }
        data.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
}

result<> sync_folder(const std::filesystem::path& folder) {
    const unique_fd fd{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!fd || ::fsync(fd.get()) != 0) {
        return system_failure(fmt::format("cannot sync the folder '{}'", folder.native()), errno);
    }
    return {};
}

namespace {

/// A new file at `path`, synced. What is there already may be a crash's, or a link that somebody
/// planted: it goes, and nothing is ever written through it.
result<> write_new(const std::filesystem::path& path, std::string_view content, unsigned mode) {
    ::unlink(path.c_str());
    const unique_fd fd{::open(
        path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
        static_cast<mode_t>(mode))};
    if (!fd) {
        return system_failure(fmt::format("cannot create '{}'", path.native()), errno);
    }
    if (auto written = write_all(fd.get(), content); !written) {
        auto why = written.error();
        why.detail = fmt::format("'{}': {}", path.native(), why.detail);
        why.hint = "look after the space on its file system";
        return why;
    }
    if (::fsync(fd.get()) != 0) {
        return system_failure(fmt::format("cannot sync '{}'", path.native()), errno);
    }
    return {};
}

} // namespace

result<> write_file(const std::filesystem::path& path, std::string_view content, unsigned mode) {
    const auto temporary = std::filesystem::path(path.native() + ".tmp");
    if (auto written = write_new(temporary, content, mode); !written) {
        ::unlink(temporary.c_str());
        return written;
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        return system_failure(fmt::format("cannot rename to '{}'", path.native()), errno);
    }
    return sync_folder(path.parent_path());
}

} // namespace restpoint
