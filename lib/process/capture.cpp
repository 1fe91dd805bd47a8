#include "process/capture.hpp"

#include "base/unique_fd.hpp"
#include "process/child.hpp"
#include "process/stop_ladder.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <memory>

namespace asio = boost::asio;

namespace restpoint::process {

namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

/// What still holds our pipe after KILL has left the command's group: nothing to wait for.
constexpr auto patience_with_strangers = 100ms;
/// What KILL does not end sleeps in the kernel (a dead NFS server). The caller must not.
constexpr auto patience_with_kernel = 5s;

enum class stop_reason { none, deadline, cancelled, too_much };

struct stream {
    asio::posix::stream_descriptor pipe;
    std::string text = {};
    bool open = true;
    std::array<char, 65536> block = {};
};

/// The command under way. Its handlers take notes and wake the coroutine; the coroutine decides.
class command : public std::enable_shared_from_this<command> {
  public:
    struct ends {
        pid_t child = 0;
        unique_fd pidfd;
        unique_fd out;
        unique_fd err;
    };

    command(const asio::any_io_executor& executor, ends from, capture_limits limits)
        : child_(from.child),
          limits_(limits),
          pidfd_(executor, from.pidfd.release()),
          out_{asio::posix::stream_descriptor(executor, from.out.release())},
          err_{asio::posix::stream_descriptor(executor, from.err.release())},
          changed_(executor) {}

    void start() {
        read(out_);
        read(err_);
        await_end();
    }

    /// Takes the step that is due. False: there is nothing to wait for any more.
    bool advance(bool cancelled) {
        const auto now = steady_clock::now();
        note_reason(now, cancelled);
        if (is_over(now)) {
            return false;
        }
        if (reason_ == stop_reason::none && !(ended_at_ && now >= *ended_at_ + limits_.grace)) {
            changed_.expires_at(ended_at_ ? *ended_at_ + limits_.grace : deadline_);
            return true;
        }
        switch (next_stop_step(ladder(now), limits_.grace)) {
        case stop_step::terminate:
            signal_group(SIGTERM);
            termed_at_ = now;
            break;
        case stop_step::kill:
            signal_group(SIGKILL);
            killed_at_ = now;
            first_killed_at_ = first_killed_at_.value_or(now);
            break;
        case stop_step::wait:
        case stop_step::done:
            break;
        }
        look_again(now + time_to_next_step(ladder(now), limits_.grace));
        return true;
    }

    /// Ends what is left of the group and reaps its leader. The order matters: as long as the
    /// leader is not reaped the group's number cannot be another's.
    void finish() {
        if (finished_) {
            return;
        }
        finished_ = true;
        signal_group(SIGKILL);
        auto end = reap(child_);
        if (end) {
            end_ = *end;
        } else {
            leave_child(child_);
        }
        close();
    }

    /// Whether a process of the group has not taken its KILL yet.
    [[nodiscard]] bool has_stragglers() const { return ended_at_ && group_is_alive(child_); }

    [[nodiscard]] asio::steady_timer& changed() { return changed_; }
    [[nodiscard]] stop_reason reason() const { return reason_; }

    [[nodiscard]] result<captured> outcome(const std::string& program) {
        if (!ended_at_) {
            return failure{
                errc::timed_out, fmt::format("'{}' (pid {}) survived SIGKILL", program, child_),
                "it waits inside the kernel: look for a disk or a network file system that hangs"};
        }
        if (reason_ == stop_reason::deadline) {
            return failure{
                errc::timed_out,
                fmt::format("'{}' did not end within {} ms", program, limits_.deadline.count())};
        }
        if (reason_ == stop_reason::too_much) {
            return failure{
                errc::invalid,
                fmt::format("'{}' wrote more than {} bytes", program, limits_.output_bytes)};
        }
        if (!end_.exit_code && !end_.signal) {
            return failure{
                errc::io, fmt::format("how '{}' (pid {}) ended is not known", program, child_),
                "something else in this process waits for children"};
        }
        return captured{end_.exit_code, end_.signal, std::move(out_.text), std::move(err_.text)};
    }

  private:
    void await_end() {
        pidfd_.async_wait(
            asio::posix::descriptor_base::wait_read,
            [self = shared_from_this()](boost::system::error_code failed) {
                if (failed) {
                    return;
                }
                if (!has_ended(self->pidfd_.native_handle())) {
                    self->await_end();
                    return;
                }
                self->ended_at_ = steady_clock::now();
                self->changed_.cancel();
            });
    }

    void read(stream& from) {
        from.pipe.async_read_some(
            asio::buffer(from.block),
            [self = shared_from_this(), &from](boost::system::error_code failed, std::size_t n) {
                self->take(from, failed, n);
            });
    }

    void take(stream& from, boost::system::error_code failed, std::size_t n) {
        if (failed) {
            from.open = false;
            changed_.cancel();
            return;
        }
        if (out_.text.size() + err_.text.size() + n > limits_.output_bytes) {
            too_much_ = true;
            changed_.cancel();
        }
        if (!too_much_) {
            from.text.append(from.block.data(), n);
        }
        read(from); // on and on, or a full pipe would keep the child from its end
    }

    void note_reason(steady_clock::time_point now, bool cancelled) {
        if (reason_ != stop_reason::none) {
            return;
        }
        if (cancelled) {
            reason_ = stop_reason::cancelled;
        } else if (too_much_) {
            reason_ = stop_reason::too_much;
        } else if (!ended_at_ && now >= deadline_) {
            reason_ = stop_reason::deadline;
        }
    }

    [[nodiscard]] bool is_over(steady_clock::time_point now) const {
        if (ended_at_ && !out_.open && !err_.open) {
            return true;
        }
        const auto at = given_up_at();
        return at && now >= *at;
    }

    /// When KILL has had its time.
    [[nodiscard]] std::optional<steady_clock::time_point> given_up_at() const {
        if (!first_killed_at_) {
            return {};
        }
        return *first_killed_at_ +
               (ended_at_ ? steady_clock::duration(patience_with_strangers) : patience_with_kernel);
    }

    void look_again(steady_clock::time_point at) {
        changed_.expires_at(std::min(at, given_up_at().value_or(at)));
    }

    [[nodiscard]] stop_state ladder(steady_clock::time_point now) const {
        const auto since = [now](steady_clock::time_point then) {
            return std::chrono::duration_cast<std::chrono::milliseconds>(now - then);
        };
        return {
            .tree_alive = true,
            .term_sent = termed_at_.has_value(),
            .since_term = termed_at_ ? since(*termed_at_) : 0ms,
            .since_kill = killed_at_ ? since(*killed_at_) : -1ms};
    }

    void signal_group(int signal) const { ::kill(-child_, signal); }

    void close() {
        boost::system::error_code ignored;
        out_.pipe.close(ignored);
        err_.pipe.close(ignored);
        pidfd_.close(ignored);
    }

    pid_t child_;
    capture_limits limits_;
    asio::posix::stream_descriptor pidfd_;
    stream out_;
    stream err_;
    asio::steady_timer changed_;
    steady_clock::time_point deadline_ = steady_clock::now() + limits_.deadline;
    stop_reason reason_ = stop_reason::none;
    bool too_much_ = false;
    bool finished_ = false;
    child_end end_ = {};
    std::optional<steady_clock::time_point> ended_at_ = {};
    std::optional<steady_clock::time_point> termed_at_ = {};
    std::optional<steady_clock::time_point> killed_at_ = {};
    std::optional<steady_clock::time_point> first_killed_at_ = {};
};

/// Lives in the coroutine: however that ends, even by the death of its io_context, the command does
/// not run on.
struct owner {
    std::shared_ptr<command> of;
    ~owner() { of->finish(); }
};

struct pipe_ends {
    unique_fd read;
    unique_fd write;
};

result<pipe_ends> make_pipe() {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return system_failure("cannot make a pipe", errno);
    }
    return pipe_ends{unique_fd{ends[0]}, unique_fd{ends[1]}};
}

result<std::shared_ptr<command>> start(
    const asio::any_io_executor& executor, spawn_request& what, const capture_limits& limits) {
    for (const auto& named : what.descriptors) {
        if (named.to == STDOUT_FILENO || named.to == STDERR_FILENO) {
            return failure{
                errc::invalid,
                fmt::format("descriptor {} of a captured command is taken", named.to)};
        }
    }
    auto out = make_pipe();
    if (!out) {
        return out.error();
    }
    auto err = make_pipe();
    if (!err) {
        return err.error();
    }
    what.descriptors.push_back({out->write.get(), STDOUT_FILENO});
    what.descriptors.push_back({err->write.get(), STDERR_FILENO});
    reap_left_children();
    const auto child = spawn(what);
    if (!child) {
        return child.error();
    }
    auto pidfd = watch_child(*child);
    if (!pidfd) {
        auto failed = system_failure(fmt::format("cannot watch '{}'", what.argv.front()), errno);
        ::kill(-*child, SIGKILL);
        leave_child(*child);
        return failed;
    }
    command::ends ends{*child, std::move(*pidfd), std::move(out->read), std::move(err->read)};
    auto started = std::make_shared<command>(executor, std::move(ends), limits);
    started->start();
    return started;
}

asio::awaitable<bool> is_cancelled() {
    const auto state = co_await asio::this_coro::cancellation_state;
    co_return state.cancelled() != asio::cancellation_type::none;
}

} // namespace

asio::awaitable<result<captured>> capture(spawn_request what, capture_limits limits) {
    const auto executor = co_await asio::this_coro::executor;
    const bool too_late = co_await is_cancelled();
    if (too_late) {
        throw boost::system::system_error(asio::error::operation_aborted);
    }
    const bool throwing = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    auto started = start(executor, what, limits);
    if (!started) {
        co_await asio::this_coro::throw_if_cancelled(throwing);
        co_return started.error();
    }
    const owner running{std::move(*started)};
    boost::system::error_code woken;
    for (;;) {
        const bool cancelled = co_await is_cancelled();
        if (!running.of->advance(cancelled)) {
            break;
        }
        co_await running.of->changed().async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    running.of->finish();
    const auto patience = steady_clock::now() + patience_with_kernel;
    while (running.of->has_stragglers() && steady_clock::now() < patience) {
        running.of->changed().expires_after(10ms);
        co_await running.of->changed().async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    co_await asio::this_coro::throw_if_cancelled(throwing);
    if (running.of->reason() == stop_reason::cancelled) {
        throw boost::system::system_error(asio::error::operation_aborted);
    }
    co_return running.of->outcome(what.argv.front());
}

} // namespace restpoint::process
