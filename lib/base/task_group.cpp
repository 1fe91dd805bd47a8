#include "base/task_group.hpp"

#include "base/log.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <list>

namespace asio = boost::asio;

namespace restpoint {

struct task_group::state {
    explicit state(asio::any_io_executor ex) : executor(ex), last_ended(ex) {
        last_ended.expires_at(asio::steady_timer::time_point::max());
    }

    asio::any_io_executor executor;
    asio::steady_timer last_ended;
    std::list<asio::cancellation_signal> running;
    bool closed = false;
};

task_group::task_group(asio::any_io_executor executor)
    : state_(std::make_shared<state>(std::move(executor))) {}

task_group::~task_group() = default;

namespace {

void report(const std::string& name, std::exception_ptr failed) {
    if (!failed) {
        return;
    }
    try {
        std::rethrow_exception(failed);
    } catch (const boost::system::system_error& e) {
        if (e.code() != asio::error::operation_aborted) {
            log::error("a task failed", {{"task", name}, {"error", e.what()}});
        }
    } catch (const std::exception& e) {
        log::error("a task failed", {{"task", name}, {"error", e.what()}});
    }
}

} // namespace

void task_group::spawn(std::string name, std::function<asio::awaitable<void>()> task) {
    if (state_->closed) {
        return;
    }
    const auto self = state_->running.emplace(state_->running.end());
    auto ended = [state = state_, self, name = std::move(name)](std::exception_ptr failed) {
        report(name, failed);
        state->running.erase(self);
        if (state->running.empty()) {
            state->last_ended.cancel();
        }
    };
    // The callable lives in the coroutine that awaits it, so what it captured outlives its first
    // suspension.
    // NOLINTNEXTLINE(cppcoreguidelines-avoid-capturing-lambda-coroutines): co_spawn keeps the closure
    auto owner = [task = std::move(task)]() -> asio::awaitable<void> {
        co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
        co_await task();
    };
    asio::co_spawn(
        state_->executor, std::move(owner),
        asio::bind_cancellation_slot(self->slot(), std::move(ended)));
}

void task_group::cancel(asio::cancellation_type how) {
    state_->closed = true;
    // A task may end inside emit and leave the list: step first.
    for (auto next = state_->running.begin(); next != state_->running.end();) {
        auto current = next++;
        current->emit(how);
    }
}

asio::awaitable<void> task_group::join() {
    const auto kept = state_; // the group may go while we wait
    while (!kept->running.empty()) {
        boost::system::error_code woken;
        co_await kept->last_ended.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
}

std::size_t task_group::size() const {
    return state_->running.size();
}

} // namespace restpoint
