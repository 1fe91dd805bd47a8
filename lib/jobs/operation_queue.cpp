#include "jobs/operation_queue.hpp"

#include <pthread.h>

#include <csignal>
#include <utility>

namespace restpoint::jobs {

namespace {

/// Signals belong to the loop: a thread started under this inherits a mask that blocks them all.
class signals_blocked {
  public:
    signals_blocked() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    signals_blocked(const signals_blocked&) = delete;
    signals_blocked& operator=(const signals_blocked&) = delete;
    ~signals_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_{};
};

} // namespace

operation_queue::operation_queue(std::size_t limit) : limit_(limit) {
    const signals_blocked during_start;
    thread_ = std::thread([this] { work(); });
}

operation_queue::~operation_queue() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

bool operation_queue::push(std::function<void()>& operation, admission how) {
    {
        const std::lock_guard lock(mutex_);
        if (how == admission::bounded && waiting_.size() >= limit_) {
            return false;
        }
        waiting_.push_back(std::move(operation));
    }
    changed_.notify_one();
    return true;
}

void operation_queue::work() {
    for (;;) {
        std::function<void()> next;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
            if (waiting_.empty()) {
                return;
            }
            next = std::move(waiting_.front());
            waiting_.pop_front();
        }
        next();
    }
}

} // namespace restpoint::jobs
