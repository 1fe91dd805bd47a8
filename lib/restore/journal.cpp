#include "restore/journal.hpp"

#include "base/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

namespace restpoint::restore {
namespace {

/// Room for the order and some hundred lines.
constexpr std::size_t journal_bytes = 256U << 10U;

std::filesystem::path file_in(const std::filesystem::path& folder) {
    return folder / "journal";
}

std::string line_of(std::size_t number, const entry& what) {
    return fmt::format("{} {} {}\n", number, to_string(what.word), what.rest);
}

/// "NUMBER WORD REST", of that number; none for anything else.
std::optional<entry> parse_line(std::string_view line, std::size_t number) {
    std::size_t written = 0;
    const auto [stop, bad] = std::from_chars(line.data(), line.data() + line.size(), written);
    if (bad != std::errc{} || written != number) {
        return std::nullopt;
    }
    line.remove_prefix(static_cast<std::size_t>(stop - line.data()));
    const auto blank = line.find(' ', 1);
    if (line.empty() || blank == line.npos) {
        return std::nullopt;
    }
    const auto word = parse_entry_word(line.substr(1, blank - 1));
    if (!word || line.find('\0') != line.npos) {
        return std::nullopt;
    }
    return entry{*word, std::string(line.substr(blank + 1))};
}

/// A new journal, whole under its name or not there at all.
result<> make(const std::filesystem::path& folder, std::string_view order) {
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

} // namespace

result<journal_content> parse_journal(std::string_view bytes) {
    const auto first = bytes.find('\n');
    if (first == bytes.npos || bytes.substr(0, first).find('\0') != bytes.npos) {
        return failure{errc::invalid, "this is no journal of a restore"};
    }
    journal_content read;
    read.order = bytes.substr(0, first);
    read.end = first + 1;
    for (;;) {
        const auto rest = bytes.substr(read.end);
        const auto end = rest.find('\n');
        const auto found = end == rest.npos
                               ? std::nullopt
                               : parse_line(rest.substr(0, end), read.steps.entries.size() + 1);
        if (!found) {
            return read;
        }
        read.steps.entries.push_back(*found);
        read.end += end + 1;
    }
}

result<journal_content> journal::read(const std::filesystem::path& folder) {
    const auto bytes = read_file(file_in(folder));
    if (!bytes) {
        return bytes.error();
    }
    return parse_journal(*bytes);
}

result<journal> journal::open(const std::filesystem::path& folder, std::string_view order) {
    std::error_code ignored;
    if (!std::filesystem::exists(file_in(folder), ignored)) {
        if (auto made = make(folder, order); !made) {
            return made.error();
        }
    }
    unique_fd file{::open(file_in(folder).c_str(), O_RDWR | O_CLOEXEC)};
    if (!file) {
        return system_failure(fmt::format("cannot open '{}'", file_in(folder).native()), errno);
    }
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        return failure{
            errc::conflict, fmt::format("another process works by '{}'", file_in(folder).native())};
    }
    auto content = read(folder);
    if (!content) {
        return content.error();
    }
    return journal(std::move(file), std::move(*content));
}

result<> journal::write(entry what) {
    const auto line = line_of(content_.steps.entries.size() + 1, what);
    if (content_.end + line.size() > journal_bytes) {
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
