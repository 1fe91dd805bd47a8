// What an agent is asked and what it answers: one line of JSON each, one of both a connection. Pure.
#pragma once

#include "base/result.hpp"
#include "postgres/control.hpp"

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace restpoint::postgres {

inline constexpr std::size_t longest_agent_line = 65536;

enum class agent_verb { status, start, stop, hold, release };

struct agent_question {
    agent_verb verb = agent_verb::status;
    stop_mode mode = stop_mode::fast; ///< of a stop
    std::string holder = {};          ///< of hold and release; of a start: who asks, may be empty
};

struct agent_answer {
    run_state state = run_state::unknown;
    pid_t pid = 0;                        ///< in the agent's pid namespace; 0: no process
    std::string holder = {};              ///< empty: nobody holds it
    std::string note = {};                ///< how it ended last, why it is not started
    std::vector<std::string> titles = {}; ///< of its processes, while it stops
};

[[nodiscard]] std::string to_line(const agent_question& what);
[[nodiscard]] std::string to_line(const agent_answer& what);
[[nodiscard]] std::string to_line(const failure& why); ///< the other kind of answer

/// Fails with `invalid`.
[[nodiscard]] result<agent_question> parse_agent_question(std::string_view line);
/// Fails as the agent did, or with `invalid`.
[[nodiscard]] result<agent_answer> parse_agent_answer(std::string_view line);

/// Whether this can name who holds: 1 to 100 letters, digits and "-_.:".
[[nodiscard]] bool is_holder(std::string_view text);

} // namespace restpoint::postgres
