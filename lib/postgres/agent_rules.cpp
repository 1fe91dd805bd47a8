#include "postgres/agent_rules.hpp"

#include <cstdlib>

namespace restpoint::postgres {

agent_step next_agent_step(const agent_view& now) {
    if (now.server_runs) {
        return agent_step::wait;
    }
    if (now.leaving) {
        return agent_step::leave;
    }
    if (now.wants_running && now.ended_by_itself) {
        return now.is_held ? agent_step::stay : agent_step::leave;
    }
    if (now.others_run) {
        return agent_step::clear;
    }
    return now.wants_running ? agent_step::start : agent_step::wait;
}

int exit_code_of(int wait_status) {
    constexpr int signal_base = 128; // as shells say it
    return WIFSIGNALED(wait_status) ? signal_base + WTERMSIG(wait_status)
                                    : WEXITSTATUS(wait_status);
}

} // namespace restpoint::postgres
