// What is at the other end of standard output and standard error, and a bar that moves there.
#pragma once

#include "client/progress_text.hpp"
#include "client/words.hpp"

#include <string>
#include <string_view>

namespace restpoint::client {

/// Whether a person looks at `fd`, on something that can move a cursor.
[[nodiscard]] bool is_terminal(int fd);

/// none where NO_COLOR is set, or `fd` is no terminal.
[[nodiscard]] colour colour_of(int fd);

/// The line that a person types to a question on standard error; empty when none comes.
[[nodiscard]] std::string ask_on_terminal(std::string_view question);

/// What happens while a job runs, on standard error: one bar that moves on a terminal, and lines
/// that stay elsewhere. Lines always stay.
class narration {
  public:
    narration();
    ~narration() { clear(); }
    narration(const narration&) = delete;
    narration& operator=(const narration&) = delete;

    void say(std::string_view line);
    void moved(const progress& now);
    /// Takes the bar away, so that something else can be written.
    void clear();

  private:
    void draw();

    bool moves_;
    std::string bar_ = {};
    progress now_ = {};
    progress_lines lines_ = {};
};

} // namespace restpoint::client
