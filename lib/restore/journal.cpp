#include "restore/journal.hpp"

#include "base/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace restpoint::restore {
namespace {

/// Room for the order and some hundred lines.
constexpr std::size_t journal_bytes = 256U << 10U;
/// Of it, what no note takes: a restore of which there is too much to note can still turn back.
constexpr std::size_t kept_for_steps = 64U << 10U;

std::filesystem::path file_in(const std::filesystem::path& folder) {
    return folder / "journal";
}

/// A new journal, whole under its name or not there at all.
result<> make(const std::filesystem::path& folder, std::string_view order) {
    if (order.find_first_of(std::string_view("\n\0", 2)) != order.npos ||
        order.size() > journal_bytes / 2) {
        return failure{errc::invalid, "the order does not fit into the first line of a journal"};
    }
    const auto fresh = folder / "journal.new";
    const unique_fd file{::open(fresh.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
    if (!file) {
        return system_failure(fmt::format("cannot make '{}'", fresh.native()), errno);
    }
    std::string room(journal_bytes, '\0');
    room.replace(0, order.size(), order);
    room[order.size()] = '\n';
    if (auto written = write_all(file.get(), room); !written) {
        return written;
    }
    if (::fsync(file.get()) != 0 || ::rename(fresh.c_str(), file_in(folder).c_str()) != 0) {
        return system_failure(fmt::format("cannot keep '{}'", fresh.native()), errno);
    }
    return sync_folder(folder);
}

/// Under a lock of the folder: of two that come at once the second must not put a journal of its own
/// in the place of the one that the first has open.
result<> make_once(const std::filesystem::path& folder, std::string_view order) {
    const unique_fd lock{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!lock || ::flock(lock.get(), LOCK_EX) != 0) {
        return system_failure(fmt::format("cannot lock '{}'", folder.native()), errno);
    }
    struct stat about{};
    if (::lstat(file_in(folder).c_str(), &about) == 0) {
        return {};
    }
    if (errno != ENOENT) {
        return system_failure(fmt::format("cannot look for '{}'", file_in(folder).native()), errno);
    }
    return make(folder, order);
}

/// Of a line that was cut off nothing is left to stand behind shorter ones.
result<> clear_behind(int file, std::string_view bytes, std::size_t end) {
    if (bytes.find_first_not_of('\0', end) == bytes.npos) {
        return {};
    }
    const std::string nothing(bytes.size() - end, '\0');
    if (::pwrite(file, nothing.data(), nothing.size(), static_cast<off_t>(end)) !=
        static_cast<ssize_t>(nothing.size())) {
        return system_failure("cannot write the journal of the restore", errno);
    }
    return {};
}

} // namespace

result<journal_content> journal::read(const std::filesystem::path& folder) {
    const auto bytes = read_file(file_in(folder));
    if (!bytes) {
        return bytes.error();
    }
    return parse_journal(*bytes);
}

result<journal> journal::open(const std::filesystem::path& folder, std::string_view order) {
    if (auto made = make_once(folder, order); !made) {
        return made.error();
    }
    unique_fd file{::open(file_in(folder).c_str(), O_RDWR | O_CLOEXEC)};
    if (!file) {
        return system_failure(fmt::format("cannot open '{}'", file_in(folder).native()), errno);
    }
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        return failure{
            errc::conflict, fmt::format("another process works by '{}'", file_in(folder).native())};
    }
    const auto bytes = read_file(file_in(folder));
    auto content = bytes ? parse_journal(*bytes) : bytes.error();
    if (!content) {
        return content.error();
    }
    if (auto cleared = clear_behind(file.get(), *bytes, content->end); !cleared) {
        return cleared.error();
    }
    return journal(std::move(file), std::move(*content));
}

result<> journal::write(entry what) {
    const auto line = journal_line(content_.steps.entries.size() + 1, what);
    const auto room =
        what.word == entry_word::note ? journal_bytes - kept_for_steps : journal_bytes;
    if (content_.end + line.size() > room) {
        return failure{errc::io, "the journal of the restore is full"};
    }
    std::size_t done = 0;
    while (done < line.size()) {
        const auto n = ::pwrite(
            file_.get(), line.data() + done, line.size() - done,
            static_cast<off_t>(content_.end + done));
        if (n < 0 && errno != EINTR) {
            return system_failure("cannot write the journal of the restore", errno);
        }
        done += n > 0 ? static_cast<std::size_t>(n) : 0;
    }
    if (::fdatasync(file_.get()) != 0) {
        return system_failure("cannot sync the journal of the restore", errno);
    }
    content_.end += line.size();
    content_.steps.entries.push_back(std::move(what));
    return {};
}

} // namespace restpoint::restore
