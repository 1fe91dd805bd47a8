// What a finished command amounts to: its exit, and the last words of its log. Pure; the rule for
// every way a command can end stands here and nowhere else.
#pragma once

#include "backrest/exit_code.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace restpoint::backrest {

/// How the process ended, as far as somebody saw it.
struct ending {
    std::optional<int> exit_code = {}; ///< set when it exited
    std::optional<int> signal = {}; ///< set when a signal ended it; neither set: nobody saw it end
};

/// Why a command failed, in words an operator can act on.
struct command_error {
    std::optional<int> code = {}; ///< pgBackRest's, where there is one
    /// "archive-timeout"; "signal" when one ended it; "unseen" when nobody saw the end;
    /// "verify-error" when verify exited 0 and its report says "status: error".
    std::string name = {};
    /// The ERROR line of the log with its continuation, else the code's meaning.
    std::string message = {};
    std::string hint = {};

    friend bool operator==(const command_error&, const command_error&) = default;
};

enum class verdict { succeeded, failed, terminated, unseen };

struct outcome {
    verdict what = verdict::unseen; ///< terminated: ended by TERM or INT (exit 63) or by a signal;
                                    ///< unseen: nobody knows
    std::optional<command_error> error = {};
    /// The new backup set, when the log names one and the backup completed.
    std::optional<std::string> label = {};
    /// Bytes read into the new set, as pgBackRest rounds them.
    std::optional<std::uint64_t> backup_size = {};
    /// "backup command end: completed": the set exists, whatever came after.
    bool backup_completed = false;
    bool expire_failed = false; ///< the backup is good, and the expire behind it failed

    friend bool operator==(const outcome&, const outcome&) = default;
};

/// `log` is the job's log, or its last megabyte from the beginning of a line. Only complete entries
/// of P00 count, so that no annotation or file name can forge an end. Without an exit code a log
/// that says "command end: completed" for the last command begun means succeeded, "aborted" failed,
/// "terminated on signal" terminated, and anything else is unseen: never guessed. An exit code of 0
/// over an end that was logged as bad, or over a verify that found errors, is failed; a shell's
/// 128 + N is the signal N.
[[nodiscard]] outcome judge(const ending& end, std::string_view log);

} // namespace restpoint::backrest
