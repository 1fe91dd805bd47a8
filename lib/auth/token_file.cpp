#include "auth/token_file.hpp"

#include "base/file.hpp"
#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <stdexcept>

namespace fs = std::filesystem;

namespace restpoint::auth {
namespace {

constexpr std::size_t largest_file = 1U << 20U;

std::int64_t nanoseconds(const timespec& t) {
    return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

result<> check_guarded(const fs::path& path, const struct stat& about) {
    constexpr unsigned others = S_IWGRP | S_IRWXO;
    if (!S_ISREG(about.st_mode)) {
        return failure{
            errc::invalid, fmt::format("'{}' is no file", path.native()),
            "name a file in auth.tokens_file"};
    }
    if (about.st_uid != ::geteuid() && about.st_uid != 0) {
        return failure{
            errc::invalid,
            fmt::format(
                "'{}' belongs to another user ({}), who could let anybody in", path.native(),
                about.st_uid),
            "give it to the user that restpoint runs as"};
    }
    if ((about.st_mode & others) != 0) {
        return failure{
            errc::invalid,
            fmt::format(
                "'{}' has the permissions {:04o}: others may read or change it", path.native(),
                about.st_mode & 07777U),
            fmt::format("chmod 600 '{}'", path.native())};
    }
    return {};
}

result<std::string> read_all(int fd, const fs::path& path) {
    std::string content;
    std::array<char, 16384> block{};
    for (;;) {
        const auto n = ::read(fd, block.data(), block.size());
        if (n < 0 && errno != EINTR) {
            return system_failure(fmt::format("cannot read '{}'", path.native()), errno);
        }
        if (n == 0) {
            return content;
        }
        content.append(block.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
        if (content.size() > largest_file) {
            return failure{
                errc::invalid,
                fmt::format("'{}' is larger than {} bytes", path.native(), largest_file),
                "name a file of tokens in auth.tokens_file"};
        }
    }
}

result<unique_fd> lock_edits(const fs::path& path) {
    const auto file = path.native() + ".lock";
    unique_fd lock{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!lock) {
        return system_failure(
            fmt::format("cannot open '{}'", file), errno,
            "run this as the user that restpoint runs as");
    }
    while (::flock(lock.get(), LOCK_EX) != 0) {
        if (errno != EINTR) {
            return system_failure(fmt::format("cannot lock '{}'", file), errno);
        }
    }
    return lock;
}

/// Overwrites `hash` wherever it stands in the file, with as many characters: a full disk takes that,
/// too, since it needs no block of its own.
result<> strike_out(const fs::path& path, std::string_view hash) {
    const unique_fd fd{::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    if (!fd) {
        return system_failure(fmt::format("cannot open '{}'", path.native()), errno);
    }
    const auto content = read_all(fd.get(), path);
    if (!content) {
        return content.error();
    }
    for (auto at = content->find(hash); at != content->npos; at = content->find(hash, at + 1)) {
        const auto n =
            ::pwrite(fd.get(), revoked_hash.data(), revoked_hash.size(), static_cast<off_t>(at));
        if (n != static_cast<ssize_t>(revoked_hash.size())) {
            return system_failure(fmt::format("cannot write '{}'", path.native()), errno);
        }
    }
    if (::fdatasync(fd.get()) != 0) {
        return system_failure(fmt::format("cannot sync '{}'", path.native()), errno);
    }
    return {};
}

void draw(std::span<unsigned char> bits) {
    while (!bits.empty()) {
        const auto n = ::getrandom(bits.data(), bits.size(), 0);
        if (n < 0 && errno != EINTR) {
            throw std::runtime_error("the kernel gives no random bytes");
        }
        bits = bits.subspan(n > 0 ? static_cast<std::size_t>(n) : 0);
    }
}

} // namespace

file_mark mark_of(const fs::path& path) {
    struct stat about{};
    if (::stat(path.c_str(), &about) != 0) {
        return {};
    }
    return {
        about.st_dev, about.st_ino, about.st_size, nanoseconds(about.st_mtim),
        nanoseconds(about.st_ctim)};
}

result<token_table> read_token_file(const fs::path& path) {
    // Not waiting, where somebody put a pipe.
    const unique_fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    struct stat about{};
    if (!fd || ::fstat(fd.get(), &about) != 0) {
        const int why = errno;
        auto failed = system_failure(
            fmt::format("cannot open '{}'", path.native()), why,
            "it must be readable for the user that restpoint runs as");
        failed.code = why == ENOENT ? errc::not_found : failed.code;
        return failed;
    }
    if (auto guarded = check_guarded(path, about); !guarded) {
        return guarded.error();
    }
    const auto content = read_all(fd.get(), path);
    if (!content) {
        return content.error();
    }
    return token_table::parse(*content, path.native());
}

result<> edit_token_file(
    const fs::path& path, const std::function<result<>(token_table&)>& change) {
    if (::mkdir(path.parent_path().c_str(), 0700) == 0) {
        if (auto synced = sync_folder(path.parent_path().parent_path()); !synced) {
            return synced;
        }
    }
    const auto lock = lock_edits(path);
    if (!lock) {
        return lock.error();
    }
    auto table = read_token_file(path);
    if (!table && table.error().code != errc::not_found) {
        return table.error();
    }
    auto changed = table ? std::move(*table) : token_table{};
    if (auto done = change(changed); !done) {
        return done;
    }
    return write_file(path, changed.render(), 0600);
}

result<> revoke_token(const fs::path& path, std::string_view name) {
    const auto lock = lock_edits(path);
    if (!lock) {
        return lock.error();
    }
    auto table = read_token_file(path);
    if (!table && table.error().code != errc::not_found) {
        return table.error();
    }
    auto left = table ? std::move(*table) : token_table{};
    const auto before = left.records();
    if (auto removed = left.remove(name); !removed) {
        return removed;
    }
    const auto written = write_file(path, left.render(), 0600);
    if (written) {
        return {};
    }
    const auto gone = std::ranges::find(before, name, &token_record::name);
    if (strike_out(path, gone->hash)) {
        return {};
    }
    auto why = written.error();
    why.detail = fmt::format("the token '{}' is still good: {}", name, why.detail);
    why.hint = fmt::format(
        "revoke it again when '{}' has space and can be written", path.parent_path().native());
    return why;
}

token_bits draw_token_bits() {
    token_bits bits;
    draw(bits.id);
    draw(bits.secret);
    return bits;
}

} // namespace restpoint::auth
