// What an agent does next: pure.
//
//   leaving    server   others   wanted    ended by itself   held    →
//   yes        runs     any      any       any               any     wait
//   yes        none     any      any       any               any     leave
//   no         runs     any      any       any               any     wait
//   no         none     any      running   yes               no      leave: with the server
//   no         none     any      running   yes               yes     stay: held, so stopped from now
//   no         none     some     other than the above                clear: end what a dead server
//                                                                    has left
//   no         none     none     running   no                any     start
//   no         none     none     stopped   any               any     wait
//
// "held" is not asked at a start: who may order one has been asked when it was ordered.
#pragma once

namespace restpoint::postgres {

enum class agent_step { wait, start, stay, clear, leave };

struct agent_view {
    bool leaving = false;         ///< a signal to end has come and been forwarded
    bool server_runs = false;     ///< the child
    bool others_run = false;      ///< processes that a server has left to us
    bool wants_running = true;    ///< the last order
    bool ended_by_itself = false; ///< the last server, not by an order to stop
    bool is_held = false;
};

[[nodiscard]] agent_step next_agent_step(const agent_view& now);

/// The exit code that means the same as the child's wait status: its own, or 128 and the signal.
[[nodiscard]] int exit_code_of(int wait_status);

} // namespace restpoint::postgres
