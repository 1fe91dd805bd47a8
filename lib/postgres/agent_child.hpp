// The server of an agent: started, signalled, reaped, with all that it leaves behind.
#pragma once

#include "base/result.hpp"
#include "postgres/control.hpp"

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace restpoint::postgres {

/// Use once, in a process that is a child subreaper or PID 1 and has no children of other origin.
class agent_child {
  public:
    agent_child(std::vector<std::string> argv, int lock) : argv_(std::move(argv)), lock_(lock) {}

    /// Fails as spawn() does.
    [[nodiscard]] result<> start();
    void signal(int number) const;
    /// A stop that was ordered: its end is none "by itself".
    void stop(stop_mode mode);

    /// Reaps whoever has ended; true when the server was among them.
    bool reap();
    /// Ends those that a server has left: QUIT, and some seconds later KILL. To be repeated.
    void clear_rest();

    [[nodiscard]] bool runs() const { return pid_ > 0; }
    [[nodiscard]] bool is_stopping() const { return runs() && stop_ordered_; }
    [[nodiscard]] bool others_run() const { return others_run_; }
    [[nodiscard]] bool ended_by_itself() const { return ended_by_itself_; }
    void forget_end() { ended_by_itself_ = false; } ///< before it is started again
    [[nodiscard]] pid_t pid() const { return pid_; }
    /// Of the last server that has ended, as waitpid(2) gives it.
    [[nodiscard]] std::optional<int> last_status() const { return last_status_; }

    /// starting or running, as the server itself says in its data directory.
    [[nodiscard]] run_state state() const;
    /// Of its processes, once a stop takes its time; else none.
    [[nodiscard]] std::vector<std::string> titles() const;

  private:
    std::vector<std::string> argv_;
    int lock_;
    pid_t pid_ = 0;
    bool others_run_ = false;
    bool stop_ordered_ = false;
    bool ended_by_itself_ = false;
    std::optional<int> last_status_ = {};
    std::chrono::steady_clock::time_point stopping_since_ = {};
    std::optional<std::chrono::steady_clock::time_point> clearing_since_ = {};
};

} // namespace restpoint::postgres
