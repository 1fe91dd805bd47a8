// The journal of one restore: which steps were begun and ended, in the folder that holds all of its
// work, beside the data directory. So it survives the loss of the state directory, and lies where
// the renames happen.
//
// Its room is taken when it is made: a disk that fills up later cannot keep a restore from saying
// what it does. The first line is the order; each other one is "NUMBER WORD REST", line breaks in
// REST escaped. A line that a crash cut off does not count; one that is damaged in front of others makes
// the journal unreadable, since nobody guesses how far a restore came. Blocking.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "restore/route.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace restpoint::restore {

/// What a journal says.
struct journal_content {
    std::string order = {}; ///< JSON
    history steps = {};
    std::size_t end = 0; ///< behind the last whole line, in bytes
};

/// An entry as its line, with its end. Pure.
[[nodiscard]] std::string journal_line(std::size_t number, const entry& what);

/// The whole lines of a journal's bytes. Fails with `invalid` when there is no first line, or when one
/// in the middle is damaged. Pure.
[[nodiscard]] result<journal_content> parse_journal(std::string_view bytes);

class journal {
  public:
    /// FOLDER/journal as it is; for looking only. Fails with `not_found`.
    [[nodiscard]] static result<journal_content> read(const std::filesystem::path& folder);

    /// Opens FOLDER/journal, or makes it for `order`. Fails with `conflict` when another process
    /// has it open this way.
    [[nodiscard]] static result<journal> open(
        const std::filesystem::path& folder, std::string_view order);

    [[nodiscard]] const journal_content& content() const { return content_; }

    /// On the disk when this returns.
    [[nodiscard]] result<> write(entry what);

  private:
    journal(unique_fd file, journal_content content)
        : file_(std::move(file)), content_(std::move(content)) {}
    unique_fd file_;
    journal_content content_;
};

} // namespace restpoint::restore
