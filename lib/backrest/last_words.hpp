// What a job's log says of how its command ended. Reads; judges nothing.
//
// Counted are complete lines at column 0 of the main process (P00), after the last "command begin":
// pgBackRest indents the lines of a message behind its first, so that no annotation, file name or
// answer of PostgreSQL can forge one. Of its workers (P01, …) only what verify found is taken.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::backrest {

/// What a command said of its own end.
struct command_end {
    enum class kind { unsaid, completed, aborted, terminated };
    kind what = kind::unsaid;
    std::string text = {};        ///< "aborted with exception [064]"
    std::optional<int> code = {}; ///< 64
};

struct said_error {
    std::optional<int> code = {};
    std::string message = {}; ///< with its continuation, one line each
    std::string hint = {};    ///< its HINTs in one line
};

struct last_words {
    std::string command = {};    ///< the last one begun, but for the expire behind a backup
    command_end end = {};        ///< of `command`
    bool expire_begun = false;   ///< behind a backup that completed
    command_end expire_end = {}; ///< of that expire
    std::optional<std::string> label = {};
    std::optional<std::uint64_t> backup_size = {};
    std::optional<said_error> error = {};        ///< the last one
    std::optional<said_error> error_before = {}; ///< the one before it
    bool verify_found_errors = false;
    /// What verify's workers found, the first ones: "invalid checksum 'LABEL/pg_data/base/5/16384'".
    std::vector<std::string> bad_files = {};
    std::uint64_t bad_file_count = 0; ///< all
    std::string verify_report = {};
    /// The last line that is not pgBackRest's log: a loader's, ssh's.
    std::string last_foreign = {};

    [[nodiscard]] bool backup_completed() const;
    /// The end of what was begun last, the expire behind a backup included.
    [[nodiscard]] const command_end& final_end() const;
};

[[nodiscard]] last_words read_last_words(std::string_view log);

} // namespace restpoint::backrest
