// pgBackRest's exit codes, each with its name, what it means and what to do (source: its
// build/error/error.yaml).
#pragma once

#include <string_view>

namespace restpoint::backrest {

struct exit_meaning {
    int code = 0;
    std::string_view name;    ///< pgBackRest's own, "lock-acquire"; "success" for 0, "unknown" for
                              ///< what no version has
    std::string_view meaning; ///< one sentence for people
    std::string_view hint;    ///< what to do; empty only for 0
};

/// Never fails: an unknown code gets the name "unknown" and a hint that says where to look.
[[nodiscard]] exit_meaning explain_exit(int code);

} // namespace restpoint::backrest
