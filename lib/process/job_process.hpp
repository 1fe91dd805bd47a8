// A job's shim as restpoint sees it: started in two steps, so that its pid is on disk before the
// child runs; watched by pidfd; stopped by the ladder. Works the same on a shim that an earlier
// restpoint started.
#pragma once

#include "base/result.hpp"
#include "process/identity.hpp"
#include "process/job_files.hpp"
#include "process/shim.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace restpoint::process {

struct shim_launch {
    /// restpoint itself; resolved before the fork.
    std::filesystem::path program = "/proc/self/exe";
    shim_options shim;
    std::vector<std::string> environment; ///< the whole of it
};

class job_process {
  public:
    /// Starts a shim that waits for the word; the child does not run yet. Fails as spawn() does.
    [[nodiscard]] static result<std::unique_ptr<job_process>> launch(
        boost::asio::any_io_executor executor, const shim_launch& how);

    /// Takes up a shim of an earlier restpoint, alive or dead.
    [[nodiscard]] static std::unique_ptr<job_process> adopt(
        boost::asio::any_io_executor executor, const identity& shim, const job_files& files);

    ~job_process(); ///< leaves the processes alone; a shim that never got the word ends by itself

    [[nodiscard]] const identity& shim() const;

    /// "Your pid is committed": the child starts.
    void give_word();

    /// Returns when the shim has ended and no process of the tree is left. A tree whose shim was
    /// killed is stopped with TERM, after `grace` with KILL. The report is none when there was no
    /// shim left to write one. One wait() at a time; cancelled, it throws operation_aborted and
    /// leaves the processes alone.
    [[nodiscard]] boost::asio::awaitable<result<std::optional<exit_report>>> wait(
        std::chrono::milliseconds grace);

    /// After wait(): the code that the shim itself exited with, as a rule a process::shim_exit for
    /// explain(). It tells why there is no report, or one that says less. None for a shim that was
    /// adopted or that a signal ended.
    [[nodiscard]] std::optional<int> shim_exit() const;

    /// TERM to the child's group through the shim; returns at once. `kill` is the second rung.
    void terminate();
    void kill();

  private:
    struct state;
    explicit job_process(std::shared_ptr<state> s);
    std::shared_ptr<state> state_;
};

} // namespace restpoint::process
