#include "backrest/outcome.hpp"

#include "backrest/last_words.hpp"
#include "backrest/repo_trouble.hpp"
#include "base/utf8.hpp"

#include <fmt/format.h>

#include <csignal>
#include <string>
#include <utility>

namespace restpoint::backrest {

namespace {

constexpr std::size_t longest_message = 8192;
constexpr int exit_terminated = 63;
constexpr int exit_several_errors = 104;
constexpr int shell_signal_base = 128;

/// The ending with a shell's 128 + N taken for what it says, the signal N. pgBackRest's own codes
/// end below it.
ending unwrap(ending end) {
    if (!end.signal && end.exit_code && *end.exit_code > shell_signal_base &&
        *end.exit_code <= shell_signal_base + SIGRTMAX) {
        end.signal = *end.exit_code - shell_signal_base;
        end.exit_code.reset();
    }
    return end;
}

/// What the log alone says.
verdict by_log(const last_words& words) {
    switch (words.final_end().what) {
    case command_end::kind::completed:
        return words.verify_found_errors ? verdict::failed : verdict::succeeded;
    case command_end::kind::aborted:
        return verdict::failed;
    case command_end::kind::terminated:
        return verdict::terminated;
    case command_end::kind::unsaid:
        break;
    }
    return verdict::unseen;
}

verdict decide(const ending& end, const last_words& words) {
    if (end.signal || end.exit_code == exit_terminated) {
        return verdict::terminated;
    }
    if (!end.exit_code) {
        return by_log(words);
    }
    if (*end.exit_code != 0) {
        return verdict::failed;
    }
    // A wrapper around the binary may lose the code; an end that was logged as bad stays bad.
    if (words.final_end().what == command_end::kind::unsaid) {
        return words.verify_found_errors ? verdict::failed : verdict::succeeded;
    }
    return by_log(words);
}

std::string_view signal_name(int signal) {
    switch (signal) {
    case SIGHUP:
        return "SIGHUP";
    case SIGINT:
        return "SIGINT";
    case SIGQUIT:
        return "SIGQUIT";
    case SIGILL:
        return "SIGILL";
    case SIGABRT:
        return "SIGABRT";
    case SIGBUS:
        return "SIGBUS";
    case SIGFPE:
        return "SIGFPE";
    case SIGKILL:
        return "SIGKILL";
    case SIGSEGV:
        return "SIGSEGV";
    case SIGPIPE:
        return "SIGPIPE";
    case SIGTERM:
        return "SIGTERM";
    case SIGXCPU:
        return "SIGXCPU";
    case SIGXFSZ:
        return "SIGXFSZ";
    default:
        return "not a common one";
    }
}

std::string_view signal_hint(int signal) {
    switch (signal) {
    case SIGHUP:
    case SIGINT:
    case SIGTERM:
        return explain_exit(exit_terminated).hint;
    case SIGKILL:
        return "the kernel ends what uses too much memory, and so do people and container "
               "runtimes: look in the kernel's log and at the memory limit; workers left behind "
               "hold the stanza's lock until they end";
    case SIGILL:
    case SIGABRT:
    case SIGBUS:
    case SIGFPE:
    case SIGSEGV:
        return "pgBackRest crashed: a repo path that it cannot write has caused this, so check "
               "repo1-path first; else report it to the pgBackRest project";
    case SIGXCPU:
    case SIGXFSZ:
        return "a resource limit of the service was reached: raise it";
    default:
        return "find out who sent the signal, and run the command again";
    }
}

command_error signal_error(int signal, const last_words& words) {
    auto message = fmt::format("ended by signal {} ({})", signal, signal_name(signal));
    if (words.error) {
        message += "; its last error was: " + words.error->message;
    }
    return {{}, "signal", std::move(message), std::string(signal_hint(signal))};
}

command_error unseen_error(const last_words& words) {
    return {
        {},
        "unseen",
        words.error ? "nobody saw the command end; its last error was: " + words.error->message
                    : "nobody saw the command end, and its log does not say how it ended",
        "look at the end of the log, and in info whether a backup set was made; then run the "
        "command again"};
}

command_error verify_error(const last_words& words) {
    std::string message = "verify found errors in the repo";
    if (!words.bad_files.empty()) {
        message += fmt::format(": {}", fmt::join(words.bad_files, ", "));
    }
    if (words.bad_file_count > words.bad_files.size()) {
        message += fmt::format(" and {} more", words.bad_file_count - words.bad_files.size());
    }
    if (!words.verify_report.empty()) {
        message += "\n" + words.verify_report;
    }
    return {
        {},
        "verify-error",
        std::move(message),
        "the log names each bad file; check the repo's disk, and make a full backup before you "
        "rely on the sets named here"};
}

std::string meaning_with_last_line(const exit_meaning& meant, const last_words& words) {
    return words.last_foreign.empty()
               ? std::string(meant.meaning)
               : fmt::format("{}; the last other line was: {}", meant.meaning, words.last_foreign);
}

/// pgBackRest's own hint is made for the place where an error is met, not for its cause: under a wrong
/// passphrase it asks for a stanza-create.
std::string hint_of(const said_error& cause, const exit_meaning& meant) {
    if (const auto known = trouble_hint(cause.message); !known.empty()) {
        return std::string(known);
    }
    if (!cause.hint.empty()) {
        return cause.hint;
    }
    return std::string(cause.code ? explain_exit(*cause.code).hint : meant.hint);
}

command_error said_or_meant(std::optional<int> code, const last_words& words) {
    const auto meant = explain_exit(code.value_or(-1));
    command_error error{code, std::string(meant.name), {}, {}};
    if (!words.error) {
        error.message = code == exit_terminated && !words.final_end().text.empty()
                            ? words.final_end().text
                            : meaning_with_last_line(meant, words);
        error.hint = meant.hint;
        return error;
    }
    const auto* cause = &*words.error;
    // An error line can hold nothing but its code.
    const bool says_nothing = cause->message.find_first_not_of(" \t\n") == std::string::npos;
    error.message = says_nothing
                        ? std::string(explain_exit(cause->code.value_or(meant.code)).meaning)
                        : in_brief(cause->message);
    if (code == exit_several_errors && words.error_before && words.error_before->code) {
        // The last error only counts the others: the one before it is the cause.
        cause = &*words.error_before;
        error.message += fmt::format("\n[{:03}]: {}", *cause->code, in_brief(cause->message));
    }
    error.hint = hint_of(*cause, meant);
    return error;
}

std::optional<int> pgbackrest_code(const ending& end, const last_words& words) {
    if (end.exit_code && *end.exit_code != 0) {
        return end.exit_code;
    }
    if (words.final_end().what == command_end::kind::terminated) {
        return exit_terminated;
    }
    if (words.final_end().code) {
        return words.final_end().code;
    }
    return words.error ? words.error->code : std::nullopt;
}

command_error explain(verdict what, const ending& end, const last_words& words) {
    const bool log_is_bad = words.final_end().what == command_end::kind::aborted ||
                            words.final_end().what == command_end::kind::terminated;
    if (end.signal) {
        return signal_error(*end.signal, words);
    }
    if (what == verdict::unseen) {
        return unseen_error(words);
    }
    if (words.verify_found_errors && end.exit_code.value_or(0) == 0 && !log_is_bad) {
        return verify_error(words);
    }
    return said_or_meant(pgbackrest_code(end, words), words);
}

/// The backup is good, so an error must not read as if it were not.
std::string_view prefix(verdict what, const last_words& words) {
    if (!words.backup_completed()) {
        return "";
    }
    if (what == verdict::unseen) {
        return "the backup is complete; its expire: ";
    }
    return words.expire_begun ? "the backup is complete; the expire after it failed: "
                              : "the backup is complete; what came after it failed: ";
}

} // namespace

outcome judge(const ending& end, std::string_view log) {
    const auto known = unwrap(end);
    const auto words = read_last_words(log);
    outcome told;
    told.what = decide(known, words);
    const bool succeeded = told.what == verdict::succeeded;
    // The line with the end can be missing from a log that a full disk thinned.
    told.backup_completed = words.backup_completed() || (succeeded && words.label);
    if (told.backup_completed) {
        told.label = words.label;
        told.backup_size = words.backup_size;
    }
    told.expire_failed = words.backup_completed() && words.expire_begun &&
                         (told.what == verdict::failed || told.what == verdict::terminated) &&
                         words.expire_end.what != command_end::kind::completed;
    if (!succeeded) {
        auto error = explain(told.what, known, words);
        error.message =
            presentable(std::string(prefix(told.what, words)) + error.message, longest_message);
        error.hint = presentable(error.hint, longest_message);
        told.error = std::move(error);
    }
    return told;
}

} // namespace restpoint::backrest
