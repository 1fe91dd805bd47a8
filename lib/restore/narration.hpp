// What a restore tells while it works: lines on standard output, which is the job's log, in the form
// of pgBackRest's own. Blocking.
#pragma once

#include <string_view>

namespace restpoint::restore {

enum class tone { info, warn, error };

/// One line, without its end. Line breaks within become blanks.
void say(tone how, std::string_view text);

/// "step NAME: text": the job's phase from here on.
void say_step(std::string_view name, std::string_view text);

} // namespace restpoint::restore
