// `restpoint agent`: the process over PostgreSQL in a container of its own, its PID 1. It runs one
// command, always the same, and lets who may speak on its socket stop and start it, so that another
// container can restore the data directory in between. No Asio, no threads: a poll loop.
//
//   TERM, INT, QUIT   forwarded: to PostgreSQL they mean a smart, a fast and an immediate shutdown.
//                     The agent ends with the server, with its exit code. A smart one waits for all
//                     sessions to end, which container runtimes do not: `term` makes TERM a fast one
//   HUP               forwarded: the server reads its configuration again
//   the server ends   so does the agent, with its exit code (128 and the signal that ended it), unless
//                     it was stopped over the socket, or is held: then it waits for the next order
//
// A server never outlives its agent: in a container the kernel sees to that; elsewhere it gets a
// fast shutdown, and the next agent waits for its end: the lock beside the socket tells, which every
// process of the server inherits.
#pragma once

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

namespace restpoint::postgres {

struct agent_options {
    std::filesystem::path socket = {};  ///< PATH.hold and PATH.lock stand beside it
    std::vector<std::string> argv = {}; ///< of PostgreSQL, or of an image's entry point
    int term = SIGTERM;                 ///< what PostgreSQL gets for a TERM
};

/// Runs until the server, or a signal, ends it. Says on standard error what it does. Returns the
/// exit code: the server's; 70 when it cannot do its work; 127 when the command is not there.
int run_agent(const agent_options& options);

} // namespace restpoint::postgres
