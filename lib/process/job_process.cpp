#include "process/job_process.hpp"

#include "process/child.hpp"
#include "process/spawn.hpp"
#include "process/stat_line.hpp"
#include "process/stop_ladder.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace asio = boost::asio;

namespace restpoint::process {

namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto between_looks = 50ms;

/// The program by its name, so that a process listing shows it. When an upgrade has put another
/// file there, the one that we are: restpoint and its shims then are of one version.
std::filesystem::path resolve(const std::filesystem::path& program) {
    std::error_code failed;
    const auto target = std::filesystem::read_symlink(program, failed);
    if (failed) {
        return program;
    }
    const auto real = target.is_absolute() ? target : program.parent_path() / target;
    return std::filesystem::equivalent(program, real, failed) && !failed ? real : program;
}

std::vector<std::string> command_line(const shim_launch& how) {
    std::vector<std::string> argv{
        resolve(how.program).native(),
        "job-exec",
        "--folder",
        std::filesystem::absolute(how.shim.folder).native(), // the shim's working directory is "/"
        "--id",
        how.shim.id,
        "--detail-cap",
        fmt::format("{}", how.shim.detail_cap),
        "--orphan-grace",
        fmt::format("{}", how.shim.orphan_grace_s),
        "--"};
    argv.insert(argv.end(), how.shim.argv.begin(), how.shim.argv.end());
    return argv;
}

asio::awaitable<void> throw_when_cancelled() {
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) {
        throw boost::system::system_error(asio::error::operation_aborted);
    }
}

} // namespace

struct job_process::state : std::enable_shared_from_this<state> {
    enum class kinship { child, stranger };

    state(asio::any_io_executor ex, identity who, job_files where, kinship what)
        : changed(ex),
          executor(std::move(ex)),
          shim(std::move(who)),
          files(std::move(where)),
          kin(what) {}
    state(const state&) = delete;
    state& operator=(const state&) = delete;

    ~state() {
        if (kin == kinship::child && !has_ended()) {
            leave_child(shim.pid);
        }
    }

    /// Follows the shim to its end, with or without somebody in wait(): it must not stay a zombie.
    void follow(std::optional<unique_fd> fd) {
        if (!fd) {
            return; // out of descriptors, or gone: has_ended() asks /proc
        }
        await_end(pidfd.emplace(executor, fd->release()));
    }

    void await_end(asio::posix::stream_descriptor& of) {
        of.async_wait(
            asio::posix::descriptor_base::wait_read,
            [weak = weak_from_this(), &of](boost::system::error_code failed) {
                const auto self = weak.lock();
                if (!self || failed) {
                    return;
                }
                if (!self->has_ended()) {
                    self->await_end(of);
                    return;
                }
                self->changed.cancel();
            });
    }

    bool has_ended() {
        if (ended) {
            return true;
        }
        if (pidfd) {
            ended = process::has_ended(pidfd->native_handle());
        } else {
            ended = identify(shim.pid) != shim;
        }
        if (ended && kin == kinship::child) {
            bury();
        }
        return ended;
    }

    void bury() {
        if (const auto end = reap(shim.pid)) {
            exit_code = end->exit_code;
        } else {
            leave_child(shim.pid);
        }
    }

    /// `to_shim` while there is a shim; else the tree it left gets `to_tree`.
    void signal(int to_shim, int to_tree) {
        if (has_ended()) {
            signal_tree(files, to_tree);
        } else if (pidfd) {
            ::syscall(SYS_pidfd_send_signal, pidfd->native_handle(), to_shim, nullptr, 0);
        } else {
            ::kill(shim.pid, to_shim);
        }
    }

    asio::awaitable<void> until_ended() {
        while (!has_ended()) {
            boost::system::error_code woken;
            changed.expires_after(pidfd ? steady_clock::duration(1h) : between_looks);
            co_await changed.async_wait(asio::redirect_error(asio::use_awaitable, woken));
            co_await throw_when_cancelled();
        }
    }

    asio::awaitable<void> until_tree_is_gone(std::chrono::milliseconds grace) {
        const auto since = [](const std::optional<steady_clock::time_point>& then) {
            return std::chrono::duration_cast<std::chrono::milliseconds>(
                steady_clock::now() - then.value_or(steady_clock::now()));
        };
        std::optional<steady_clock::time_point> termed;
        std::optional<steady_clock::time_point> killed;
        for (;;) {
            const stop_state now{
                .tree_alive = tree_is_alive(files),
                .term_sent = termed.has_value(),
                .since_term = since(termed),
                .since_kill = killed ? since(killed) : -1ms};
            const auto step = next_stop_step(now, grace);
            if (step == stop_step::done) {
                co_return;
            }
            if (step == stop_step::terminate) {
                signal_tree(files, SIGTERM);
                termed = steady_clock::now();
            } else if (step == stop_step::kill) {
                signal_tree(files, SIGKILL);
                killed = steady_clock::now();
            }
            // No signal tells when the last of somebody else's descendants is gone.
            boost::system::error_code woken;
            changed.expires_after(between_looks);
            co_await changed.async_wait(asio::redirect_error(asio::use_awaitable, woken));
            co_await throw_when_cancelled();
        }
    }

    asio::steady_timer changed;
    asio::any_io_executor executor;
    identity shim;
    job_files files;
    kinship kin;
    bool ended = false;
    std::optional<int> exit_code = {}; ///< of a shim that was our child
    std::optional<asio::posix::stream_descriptor> pidfd = {};
    unique_fd word = {};
    unique_fd word_reader = {}; ///< held so that writing to a shim that died raises no SIGPIPE
};

result<std::unique_ptr<job_process>> job_process::launch(
    asio::any_io_executor executor, const shim_launch& how) {
    reap_left_children();
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return system_failure("cannot make a pipe to the shim", errno);
    }
    unique_fd reader{ends[0]};
    unique_fd writer{ends[1]};
    constexpr int word_descriptor = 3;
    spawn_request what{.argv = command_line(how), .environment = how.environment};
    what.descriptors.push_back({reader.get(), word_descriptor});
    const auto pid = spawn(what);
    if (!pid) {
        return pid.error();
    }
    // Not identify(): a shim that has ended already is ours to reap all the same.
    const auto line = read_stat_line(*pid);
    if (!line) {
        leave_child(*pid);
        return failure{
            errc::io, fmt::format("cannot read /proc/{}/stat of the shim just started", *pid),
            "restpoint needs /proc"};
    }
    const identity who{*pid, line->start_ticks, boot_id()};
    auto followed = std::make_shared<state>(
        std::move(executor), who, files_of(how.shim.folder, how.shim.id), state::kinship::child);
    followed->word = std::move(writer);
    followed->word_reader = std::move(reader);
    followed->follow(watch_child(*pid));
    return std::unique_ptr<job_process>(new job_process(std::move(followed)));
}

std::unique_ptr<job_process> job_process::adopt(
    asio::any_io_executor executor, const identity& shim, const job_files& files) {
    auto followed =
        std::make_shared<state>(std::move(executor), shim, files, state::kinship::stranger);
    followed->follow(watch(shim));
    return std::unique_ptr<job_process>(new job_process(std::move(followed)));
}

job_process::job_process(std::shared_ptr<state> s) : state_(std::move(s)) {}

job_process::~job_process() {
    state_->word.reset();
    state_->word_reader.reset();
}

const identity& job_process::shim() const {
    return state_->shim;
}

void job_process::give_word() {
    if (state_->word) {
        const char word = '1';
        while (::write(state_->word.get(), &word, 1) < 0 && errno == EINTR) {
        }
    }
    state_->word.reset();
    state_->word_reader.reset();
}

asio::awaitable<result<std::optional<exit_report>>> job_process::wait(
    std::chrono::milliseconds grace) {
    const auto followed = state_; // the object may go while we wait
    co_await followed->until_ended();
    co_await followed->until_tree_is_gone(grace);
    co_return read_exit_report(followed->files);
}

std::optional<int> job_process::shim_exit() const {
    return state_->exit_code;
}

void job_process::terminate() {
    state_->signal(SIGTERM, SIGTERM);
}

void job_process::kill() {
    state_->signal(SIGUSR1, SIGKILL);
}

} // namespace restpoint::process
