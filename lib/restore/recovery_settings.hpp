// postgresql.auto.conf of a cluster that is restored: what the live one has, without what an earlier
// recovery left, and a block of our own for this one. Pure.
//
// The block holds archiving back by a command that fails, which keeps every segment until it is
// released by a reload; archive_mode off would lose the beginning of the new timeline for ever.
#pragma once

#include "backrest/command.hpp"
#include "restore/target.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

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

/// The whole new content. `live` is that of the cluster whose settings go on.
[[nodiscard]] std::string with_recovery(
    std::string_view live, const backrest::invocation& how, const recovery& what);

/// `content` without a block of ours, and without what pgBackRest writes for a recovery.
[[nodiscard]] std::string without_recovery(std::string_view content);

/// "recovery.signal", or "standby.signal" where the end of the WAL is looked at without promotion.
[[nodiscard]] std::string_view signal_file(const recovery& what);

/// `text` as a value in postgresql.conf: quoted.
[[nodiscard]] std::string quoted_setting(std::string_view text);

} // namespace restpoint::restore
