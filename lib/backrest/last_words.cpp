#include "backrest/last_words.hpp"

#include "backrest/label.hpp"
#include "backrest/log_line.hpp"
#include "backrest/progress.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace restpoint::backrest {

namespace {

constexpr std::size_t longest_text = 4096;

bool starts_with(std::string_view text, std::string_view start) {
    return text.substr(0, start.size()) == start;
}

/// Whether verify says by this line that a file is not what it should be (verify.c,
/// verifyErrorMsg); "invalid result" for one that cannot be decompressed, with the reason behind.
bool names_bad_file(std::string_view text) {
    constexpr std::array<std::string_view, 6> said{"invalid checksum '", "file missing '",
                                                   "invalid size '",     "invalid verify '",
                                                   "could not verify '", "invalid result "};
    return std::any_of(
        said.begin(), said.end(), [&](std::string_view start) { return starts_with(text, start); });
}

command_end parse_end(std::string_view text) {
    constexpr std::string_view aborted = "aborted with exception ";
    if (starts_with(text, "completed")) {
        return {command_end::kind::completed, std::string(text), {}};
    }
    if (starts_with(text, "terminated")) {
        return {command_end::kind::terminated, std::string(text), {}};
    }
    std::optional<int> code;
    if (starts_with(text, aborted)) {
        // The same "[064]" that stands before an error's text.
        const auto as_error = "ERROR: " + std::string(text.substr(aborted.size())) + ": ";
        code = parse_log_line(as_error).code;
    }
    return {command_end::kind::aborted, std::string(text), code};
}

void append(std::string& to, std::string_view text, char separator) {
    if (to.size() < longest_text) {
        if (!to.empty()) {
            to += separator;
        }
        to += text;
    }
}

class reader {
  public:
    void take(std::string_view raw) {
        const auto line = parse_log_line(raw);
        switch (line.what) {
        case log_line::form::entry:
            take_entry(line);
            break;
        case log_line::form::bare:
            open_ = open_entry::none;
            if (line.level == log_level::error && line.code) {
                take_error(line);
            }
            break;
        case log_line::form::continuation:
            take_continuation(line.text);
            break;
        case log_line::form::foreign:
            take_foreign(line.text);
            break;
        }
    }

    [[nodiscard]] last_words& words() { return words_; }

  private:
    /// Which entry a continuation line belongs to.
    enum class open_entry { none, error_message, error_hint, verify_report };

    void take_entry(const log_line& line) {
        if (line.process == own_process) {
            return; // ours may fall between an entry and its continuation
        }
        open_ = open_entry::none;
        if (line.process != "P00" && line.process != "P000") { // a worker's
            take_bad_file(line.text);
            return;
        }
        if (line.level == log_level::error) {
            take_error(line);
        } else if (line.level == log_level::info) {
            take_info(line.text);
        }
    }

    void take_bad_file(std::string_view text) {
        constexpr std::size_t most = 20;
        constexpr std::size_t longest = 300;
        if (!may_be_verify() || !names_bad_file(text)) {
            return;
        }
        words_.verify_found_errors = true;
        if (words_.bad_file_count++ < most) {
            words_.bad_files.emplace_back(text.substr(0, longest));
        }
    }

    void take_error(const log_line& line) {
        said_error said{line.code, {}, {}};
        append(said.message, line.text, '\n');
        words_.error_before = std::exchange(words_.error, std::move(said));
        open_ = open_entry::error_message;
    }

    void take_continuation(std::string_view text) {
        constexpr std::string_view hint = "HINT: ";
        if (open_ == open_entry::verify_report) {
            words_.verify_found_errors = words_.verify_found_errors || text == "status: error";
            append(words_.verify_report, text, '\n');
            return;
        }
        if (open_ == open_entry::none) {
            return;
        }
        if (starts_with(text, hint)) {
            open_ = open_entry::error_hint;
            text.remove_prefix(hint.size());
        }
        if (open_ == open_entry::error_hint) {
            append(words_.error->hint, text, ' ');
        } else {
            append(words_.error->message, text, '\n');
        }
    }

    void take_foreign(std::string_view text) {
        open_ = open_entry::none;
        // verify prints its report a second time, as it is.
        if (may_be_verify() && text == "status: error") {
            words_.verify_found_errors = true;
        }
        if (!text.empty()) {
            words_.last_foreign = text.substr(0, longest_text);
        }
    }

    void take_info(std::string_view text) {
        constexpr std::string_view dry_run = "[DRY-RUN] ";
        constexpr std::string_view begin = " command begin";
        constexpr std::string_view end = " command end: ";
        constexpr std::string_view size = " backup size = ";
        constexpr std::string_view label = "new backup label = ";
        if (starts_with(text, dry_run)) {
            text.remove_prefix(dry_run.size());
        }
        const auto word = text.substr(0, text.find(' '));
        const auto rest = text.substr(word.size());
        if (starts_with(rest, begin)) {
            take_begin(word);
        } else if (starts_with(rest, end)) {
            take_end(word, parse_end(rest.substr(end.size())));
        } else if (starts_with(rest, size)) {
            const auto figure = rest.substr(size.size());
            words_.backup_size = parse_size(figure.substr(0, figure.find(',')));
        } else if (starts_with(text, label) && is_label(text.substr(label.size()))) {
            words_.label = text.substr(label.size());
        } else if (may_be_verify() && word == "stanza:") {
            open_ = open_entry::verify_report;
        }
    }

    void take_begin(std::string_view word) {
        if (word == "expire" && words_.backup_completed()) {
            words_.expire_begun = true;
            words_.error.reset();
            words_.error_before.reset();
            return;
        }
        words_ = {};
        words_.command = word;
    }

    void take_end(std::string_view word, command_end how) {
        if (word == "expire" && words_.expire_begun) {
            words_.expire_end = std::move(how);
            return;
        }
        words_.command = word; // its begin may stand above what is left of the log
        words_.end = std::move(how);
    }

    [[nodiscard]] bool may_be_verify() const {
        return words_.command.empty() || words_.command == "verify";
    }

    last_words words_ = {};
    open_entry open_ = open_entry::none;
};

} // namespace

bool last_words::backup_completed() const {
    return command == "backup" && end.what == command_end::kind::completed;
}

const command_end& last_words::final_end() const {
    return expire_begun ? expire_end : end;
}

last_words read_last_words(std::string_view log) {
    reader reading;
    // What stands behind the last line end may be half a line: a crash or a full disk cut it.
    for (auto end = log.find('\n'); end != log.npos; end = log.find('\n')) {
        reading.take(log.substr(0, end));
        log.remove_prefix(end + 1);
    }
    return std::move(reading.words());
}

} // namespace restpoint::backrest
