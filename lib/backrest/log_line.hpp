// One line of pgBackRest's console log, taken apart without copying (manual: "Log Console Level";
// samples: 10-backup-*).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace restpoint::backrest {

/// Ordered from grave to verbose, so `level <= log_level::info` means "shown by default".
enum class log_level { error, warn, info, detail, debug, trace };

[[nodiscard]] std::string_view to_string(log_level level);
/// Takes the names in any case; none for anything else.
[[nodiscard]] std::optional<log_level> parse_log_level(std::string_view text);

/// The tag that lines of our own carry in the process column, where pgBackRest writes P00, P01, …
inline constexpr std::string_view own_process = "RST";

/// Views into the line it was parsed from.
struct log_line {
    enum class form {
        entry, ///< time, process, level, text
        bare, ///< "ERROR: [055]: …": written before the configuration was read; no time, no process
        continuation, ///< indented text that belongs to the entry above (HINTs, long messages)
        foreign       ///< anything else: a linker's complaint, a shell's
    };
    form what = form::foreign;
    /// "2026-11-22 06:42:50.413", local time without zone; empty unless entry.
    std::string_view time = {};
    std::string_view process = {};       ///< "P00" main, "P01".. workers, own_process for ours
    std::optional<log_level> level = {}; ///< none for continuation and foreign
    std::optional<int> code = {};        ///< 55 of "ERROR: [055]: …"
    std::string_view text = {}; ///< behind "LEVEL: " and, where there is one, behind "[055]: "
};

/// `line` without its end of line. Never fails: what is not understood is foreign.
[[nodiscard]] log_line parse_log_line(std::string_view line);

/// Whether a line says that a file is unchanged ("reference pg_data/… to LABEL"): ten thousand of
/// them within 20 ms say nothing.
[[nodiscard]] bool is_reference_noise(std::string_view line);

} // namespace restpoint::backrest
