// A whole service over a folder: a real store, a real log_hub, the real shim, and a stand-in for
// pgbackrest that lets the test say what each command does and when it ends.
#pragma once

#include "base/file.hpp"
#include "jobs/service.hpp"
#include "jobs/store_queries.hpp"
#include "process/job_files.hpp"
#include "store_fixture.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <functional>
#include <memory>
#include <set>
#include <vector>

namespace restpoint::jobs::test {

inline constexpr std::chrono::seconds patience{30};

/// A loop that the test turns itself, with a deadline on every wait.
class hand_driven_loop {
  public:
    [[nodiscard]] boost::asio::any_io_executor executor() { return loop_.get_executor(); }

    /// Turns the loop until `is_so`; throws `why` when that takes too long.
    void until(
        const std::string& why, const std::function<bool()>& is_so,
        std::chrono::seconds limit = patience) {
        const auto deadline = std::chrono::steady_clock::now() + limit;
        while (!is_so()) {
            if (std::chrono::steady_clock::now() > deadline) {
                throw std::runtime_error("waited in vain: " + why);
            }
            loop_.run_one_for(std::chrono::milliseconds(5));
        }
    }

    /// Runs `n` handlers, or those that come within a short while.
    void turn(int n) {
        for (int i = 0; i < n; ++i) {
            loop_.run_one_for(std::chrono::milliseconds(5));
        }
    }

    template <class T>
    struct pending {
        std::optional<T> value = {};
        std::exception_ptr thrown = {};
        [[nodiscard]] bool ended() const { return value || thrown; }
    };

    /// Starts `task`; the loop must be turned for it to go on.
    template <class T>
    std::shared_ptr<pending<T>> start(boost::asio::awaitable<T> task) {
        auto answer = std::make_shared<pending<T>>();
        boost::asio::co_spawn(loop_, std::move(task), [answer](std::exception_ptr failed, T got) {
            answer->thrown = failed;
            if (!failed) {
                answer->value = std::move(got);
            }
        });
        return answer;
    }

    /// Turns the loop just until `task` has ended, and gives what it returned.
    template <class T>
    T get(const std::string& what, boost::asio::awaitable<T> task) {
        const auto answer = start(std::move(task));
        until(what, [&] { return answer->ended(); });
        if (answer->thrown) {
            std::rethrow_exception(answer->thrown);
        }
        return std::move(*answer->value);
    }

    void finish(const std::string& what, boost::asio::awaitable<void> task) {
        bool ended = false;
        boost::asio::co_spawn(
            loop_, std::move(task), [&ended](const std::exception_ptr&) { ended = true; });
        until(what, [&] { return ended; });
    }

  private:
    boost::asio::io_context loop_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        loop_.get_executor()};
};

inline std::string content_of(const std::filesystem::path& file) {
    auto content = read_file(file);
    return content ? std::move(*content) : std::string();
}

inline std::vector<std::string> lines_of(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    return lines;
}

/// What outlives a restpoint: the state directory, and beside it the notes and the gates of
/// pgbackrest's stand-in. Takes every process with it that is left of its jobs.
class machine {
  public:
    machine() {
        std::filesystem::create_directories(state() / "jobs");
        std::ofstream script(backrest());
        script << "#!/bin/sh\n"
                  "for word; do case $word in --*) ;; *) command=$word; break;; esac; done\n"
                  "eval \"mode=\\${MODE_${command%%-*}:-$MODE}\"\n"
                  "export FAKE_PGBACKREST_MODE=\"$mode\" FAKE_GATE=\"$HOME/gate-$command\"\n"
                  "exec " RESTPOINT_FAKE_PGBACKREST " \"$@\"\n";
        script.close();
        std::filesystem::permissions(backrest(), std::filesystem::perms::owner_all);
    }
    machine(const machine&) = delete;
    machine& operator=(const machine&) = delete;
    ~machine() {
        for (const auto& id : locked()) {
            const auto files = process::files_of(state() / "jobs", id);
            for (int i = 0; i < 1000 && process::tree_is_alive(files); ++i) {
                process::signal_tree(files, SIGKILL);
                constexpr timespec moment{0, 10'000'000};
                ::nanosleep(&moment, nullptr);
            }
        }
    }

    [[nodiscard]] std::filesystem::path state() const { return folder_.path() / "state"; }
    [[nodiscard]] std::filesystem::path backrest() const { return folder_.path() / "pgbackrest"; }
    [[nodiscard]] std::filesystem::path home() const { return folder_.path(); }

    /// Lets the commands of this name that wait for it end.
    void open_gate(const std::string& command) const {
        std::ofstream(folder_.path() / ("gate-" + command)) << "open";
    }

    /// The command lines that pgbackrest was called with.
    [[nodiscard]] std::vector<std::string> calls() const { return lines_of(home() / "argv"); }

    [[nodiscard]] process::job_files files(job_id id) const {
        return process::files_of(state() / "jobs", std::to_string(id));
    }
    [[nodiscard]] std::string log(job_id id) const { return content_of(files(id).log); }

    /// Whether a process is left that pgbackrest's stand-in was.
    [[nodiscard]] bool any_left() const {
        const auto pids = lines_of(home() / "pids");
        return std::ranges::any_of(pids, [](const std::string& pid) {
            return process::identify(static_cast<pid_t>(std::stol(pid))).has_value();
        });
    }

    /// The row as another connection sees it: on disk, whatever restpoint has in memory.
    [[nodiscard]] std::optional<job> row(job_id id) const {
        auto rows = database::open(state() / "restpoint.db");
        REQUIRE(rows);
        auto found = find_job(**rows, id);
        REQUIRE(found);
        return std::move(*found);
    }

    void sql(const std::string& script) const {
        auto rows = database::open(state() / "restpoint.db");
        REQUIRE(rows);
        REQUIRE((*rows)->run(script));
    }

  private:
    [[nodiscard]] std::vector<std::string> locked() const {
        std::vector<std::string> ids;
        std::error_code ignored;
        for (const auto& entry : std::filesystem::directory_iterator(state() / "jobs", ignored)) {
            if (entry.path().extension() == ".lock") {
                ids.push_back(entry.path().stem().string());
            }
        }
        return ids;
    }

    temporary_folder folder_;
};

/// What a restpoint is told.
struct settings {
    std::string mode = "ok";                   ///< of fake_pgbackrest, for every command
    std::vector<std::string> environment = {}; ///< "MODE_check=stubborn": for that command alone
    std::filesystem::path binary = {};         ///< instead of the stand-in
    std::chrono::milliseconds stop_grace{20000};
    std::size_t max_unfinished = 64;
    decltype(service_options::info) info = {};
    decltype(service_options::window) window = {};
    own_work own = {};
    std::chrono::milliseconds ask_sizes_every{15000};
    std::chrono::milliseconds count_reads_every{1000};
};

/// One restpoint on a machine. What runs when it goes is stopped, unless it left first.
class life {
  public:
    explicit life(const machine& where, settings how = {})
        : home_(where), rows_(opened(where.state())), options_(options(where, std::move(how))) {
        jobs.on_finished([this](const job& what) { finished_.insert(what.id); });
    }
    life(const life&) = delete;
    life& operator=(const life&) = delete;
    ~life() {
        try {
            if (!over_) {
                shut_down(on_stop::stop, std::chrono::milliseconds{500});
            }
        } catch (const std::exception& e) {
            WARN(e.what());
        }
    }

    void shut_down(on_stop running, std::chrono::milliseconds grace) {
        over_ = true;
        loop.finish("the service shuts down", jobs.shut_down(running, grace));
        logs_.stop();
    }

    void adopt() { REQUIRE(loop.get("jobs are adopted", jobs.adopt())); }

    using submitted = boost::system::result<submission, rejection>;
    submitted try_submit(job_spec what, when_busy mode = when_busy::refuse) {
        return loop.get("a submission", jobs.submit(std::move(what), "test", mode));
    }
    job submit(job_spec what, when_busy mode = when_busy::refuse) {
        auto taken = try_submit(std::move(what), mode);
        if (!taken) {
            throw std::runtime_error("not taken on: " + taken.error().why.detail);
        }
        return taken->what;
    }

    /// Waits until the job's command has begun.
    void await_begin(job_id id) {
        loop.until("job " + std::to_string(id) + " begins", [&] {
            return home_.log(id).find("command begin") != std::string::npos;
        });
    }
    job submit_and_begin(job_spec what, when_busy mode = when_busy::refuse) {
        const auto taken = submit(std::move(what), mode);
        await_begin(taken.id);
        return taken;
    }

    /// The job at its end, as it is on disk.
    job ended(job_id id) {
        loop.until("job " + std::to_string(id) + " ends", [&] { return finished_.contains(id); });
        return home_.row(id).value();
    }
    job found(job_id id) { return loop.get("find", jobs.find(id)).value(); }
    result<job> cancel(job_id id) { return loop.get("cancel", jobs.cancel(id, "test")); }

    /// The job while it is not final.
    [[nodiscard]] std::optional<job> find_running(job_id id) const {
        const auto now = jobs.unfinished();
        const auto it = std::ranges::find(now, id, &job::id);
        return it == now.end() ? std::nullopt : std::optional<job>(*it);
    }

    [[nodiscard]] store& rows() { return *rows_; }

    hand_driven_loop loop;

  private:
    static service_options options(const machine& where, settings how) {
        service_options options;
        options.invocation.binary = how.binary.empty() ? where.backrest() : how.binary;
        options.environment = std::move(how.environment);
        for (const auto& more :
             {std::string("PATH=/usr/bin:/bin"), "MODE=" + how.mode,
              "HOME=" + where.home().native(), "FAKE_ARGV=" + (where.home() / "argv").native(),
              "FAKE_PIDS=" + (where.home() / "pids").native()}) {
            options.environment.push_back(more);
        }
        options.program = RESTPOINT_PROGRAM;
        options.jobs_folder = where.state() / "jobs";
        options.stop_grace = how.stop_grace;
        options.max_unfinished = how.max_unfinished;
        options.info = std::move(how.info);
        options.window = std::move(how.window);
        options.own = std::move(how.own);
        options.ask_sizes_every = how.ask_sizes_every;
        options.count_reads_every = how.count_reads_every;
        return options;
    }

    const machine& home_;
    std::unique_ptr<store> rows_;
    service_options options_;
    log_hub logs_{loop.executor(), options_.jobs_folder};
    bool over_ = false;
    std::set<job_id> finished_ = {};

  public:
    service jobs{loop.executor(), *rows_, logs_, options_};
};

inline job_spec a(job_kind kind) {
    job_spec what;
    what.kind = kind;
    what.stanza = "main";
    return what;
}

inline job_spec a(backrest::backup_type type) {
    auto what = a(job_kind::backup);
    what.type = type;
    return what;
}

} // namespace restpoint::jobs::test
