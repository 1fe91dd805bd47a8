// What the store's operations share: the rows, and the thread that they belong to. Internal to
// jobs.
#pragma once

#include "jobs/disk_reserve.hpp"
#include "jobs/final_jobs.hpp"
#include "jobs/operation_queue.hpp"
#include "jobs/sqlite.hpp"
#include "jobs/store.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/types.h>

#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace restpoint::jobs {

inline constexpr std::size_t most_operations_waiting = 4096;
inline constexpr std::size_t most_finals_kept = 64;

[[nodiscard]] failure too_many_waiting();

/// What an operation does to the rows of jobs.
enum class effect { none, change };

struct store::state {
    state(std::unique_ptr<database> opened, disk_reserve kept, std::filesystem::path where);

    /// Fails when the database was removed under us: it would take rows and lose them.
    [[nodiscard]] result<> still_there() const;

    [[nodiscard]] std::filesystem::path jobs_folder() const { return file.parent_path() / "jobs"; }

    /// A write without which a job could not come to its end: may use up the reserve.
    [[nodiscard]] result<> write_surely(const std::function<result<>(database&)>& write);

    /// Hands `what` to the thread and resumes with its result on the awaiting executor. Once begun
    /// it is carried out, whatever becomes of the awaiting coroutine.
    template <class Result>
    boost::asio::awaitable<Result> perform(
        admission how, std::function<Result()> what, effect on_jobs = effect::none);

    std::unique_ptr<database> rows;
    disk_reserve reserve;
    std::filesystem::path file;
    std::optional<std::pair<dev_t, ino_t>> opened_as; ///< which file it is
    std::uint64_t revision = 1;                       ///< of the loop, not of the thread
    /// Of the loop, not of the thread. Whoever removes says so here first.
    std::shared_ptr<final_jobs> finals = std::make_shared<final_jobs>(most_finals_kept);
    operation_queue queue{most_operations_waiting}; // last: its thread uses the others
};

template <class Result>
boost::asio::awaitable<Result> store::state::perform(
    admission how, std::function<Result()> what, effect on_jobs) {
    namespace asio = boost::asio;
    auto start = [this, how, &what, on_jobs](auto handler) {
        // As it is handed over: a read that was handed over before it is of the revision before.
        revision += on_jobs == effect::change ? 1 : 0;
        auto executor = asio::get_associated_executor(handler);
        auto work = asio::make_work_guard(executor); // the loop does not run dry meanwhile
        auto waiting = std::make_shared<decltype(handler)>(std::move(handler));
        auto resume = [executor, work, waiting](std::exception_ptr thrown, Result answer) {
            asio::post(executor, [waiting, thrown, answer = std::move(answer)]() mutable {
                auto resumed = std::move(*waiting);
                std::move(resumed)(thrown, std::move(answer));
            });
        };
        std::function<void()> operation = [what = std::move(what), resume] {
            std::exception_ptr thrown;
            Result answer{failure{}};
            try {
                answer = what();
            } catch (...) { // not for this thread: it belongs to whoever awaits
                thrown = std::current_exception();
            }
            resume(thrown, std::move(answer));
        };
        if (!queue.push(operation, how)) {
            resume(nullptr, too_many_waiting());
        }
    };
    co_return co_await asio::async_initiate<
        const asio::use_awaitable_t<>, void(std::exception_ptr, Result)>(
        start, asio::use_awaitable);
}

} // namespace restpoint::jobs
