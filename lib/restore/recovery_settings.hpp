// postgresql.auto.conf of a cluster that is restored: what the live one has, whatever it is, and
// behind it a block of our own. Of several lines that set the same PostgreSQL takes the last, in
// postgresql.conf and this file together: so ours count, and when they are taken out again every
// setting is what its operator made it. Pure.
//
// The block holds archiving back by a command that fails, which keeps every segment until it is
// released by a reload; archive_mode off would lose the beginning of the new timeline for ever.
#pragma once

#include "backrest/command.hpp"
#include "restore/target.hpp"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::restore {

enum class at_the_end {
    pause,  ///< a private server is looked at there; of the latest: goes on as a standby
    promote ///< takes writes
};

struct recovery {
    target to = {};
    std::uint32_t timeline = 0;
    int repo = 1;
    at_the_end then = at_the_end::pause;
    std::filesystem::path data = {}; ///< the directory that recovers
    int version = 15;                ///< of PostgreSQL
    bool hold_archiving = true;      ///< until somebody releases it
};

/// What a recovery sets: a setting a line.
[[nodiscard]] std::vector<std::string> recovery_lines(
    const backrest::invocation& how, const recovery& what);

/// The whole new content. `live` is that of the cluster whose settings go on.
[[nodiscard]] std::string with_recovery(std::string_view live, std::span<const std::string> lines);

/// `content` without a block of ours. ALTER SYSTEM writes the file anew and leaves the marks of the
/// block out: then each of its `lines` goes that is the last one to set its name, and what an
/// operator has set meanwhile stays.
[[nodiscard]] std::string without_recovery(
    std::string_view content, std::span<const std::string> lines = {});

/// "recovery.signal", or "standby.signal" where the end of the WAL is looked at without promotion.
[[nodiscard]] std::string_view signal_file(const recovery& what);

/// `text` as a value in postgresql.conf: quoted.
[[nodiscard]] std::string quoted_setting(std::string_view text);

} // namespace restpoint::restore
