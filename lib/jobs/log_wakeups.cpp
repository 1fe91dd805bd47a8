#include "jobs/log_wakeups.hpp"

#include "base/log.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace asio = boost::asio;

namespace restpoint::jobs {

namespace {

/// Between two looks at inotify: a log that grows by ten thousand lines a second does not run the
/// loop as often.
constexpr std::chrono::milliseconds breath{2};

} // namespace

log_wakeups::log_wakeups(asio::any_io_executor executor, options how)
    : executor_(std::move(executor)),
      options_(how),
      inotify_(executor_),
      breath_(executor_),
      later_(executor_),
      next_poll_(executor_) {
    if (options_.notice == growth_notice::inotify) {
        start_inotify();
    }
}

void log_wakeups::start_inotify() {
    const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0) {
        log::warn(
            "no inotify instance; the logs of running jobs are polled",
            {{"error", std::generic_category().message(errno)},
             {"hint", "raise fs.inotify.max_user_instances"}});
        return;
    }
    boost::system::error_code failed;
    inotify_.assign(fd, failed);
    if (failed) {
        ::close(fd);
    }
}

std::shared_ptr<log_bell> log_wakeups::follow(
    const std::filesystem::path& path, std::shared_ptr<const log_file> file) {
    auto bell = std::make_shared<log_bell>(executor_, std::move(file));
    if (inotify_.is_open()) {
        bell->watch = ::inotify_add_watch(inotify_.native_handle(), path.c_str(), IN_MODIFY);
    }
    bell->size = bell->file->size();
    bells_.push_back(bell);
    return bell;
}

void log_wakeups::forget(const std::shared_ptr<log_bell>& bell) {
    std::erase(bells_, bell);
    if (bell->watch >= 0 && inotify_.is_open()) {
        ::inotify_rm_watch(inotify_.native_handle(), bell->watch);
    }
}

asio::awaitable<void> log_wakeups::wait(std::shared_ptr<log_bell> bell) {
    const auto self = shared_from_this();
    if (stopped_) {
        co_return;
    }
    struct presence {
        explicit presence(std::size_t& count) : count_(count) { ++count_; }
        presence(const presence&) = delete;
        presence& operator=(const presence&) = delete;
        ~presence() { --count_; }
        std::size_t& count_;
    };
    const presence here(bell->waiting);
    const auto seen = bell->size;
    note(*bell);
    if (bell->size != seen) {
        co_return; // it was rung before we could hear it
    }
    if (bell->watch >= 0) {
        listen();
    } else {
        poll();
    }
    boost::system::error_code woken;
    co_await bell->rung.async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

void log_wakeups::ring(log_bell& bell) {
    bell.due = false;
    bell.size = bell.file->size();
    if (bell.waiting == 0) {
        return;
    }
    bell.not_before = std::chrono::steady_clock::now() + options_.coalesce;
    ++rings_;
    bell.rung.cancel();
}

void log_wakeups::stop() {
    stopped_ = true;
    for (const auto& bell : bells_) {
        bell->rung.cancel();
    }
    breath_.cancel();
    later_.cancel();
    next_poll_.cancel();
    if (inotify_.is_open()) {
        inotify_.cancel();
    }
}

bool log_wakeups::anybody_waits(bool watched) const {
    return std::ranges::any_of(bells_, [watched](const auto& bell) {
        return bell->waiting > 0 && (bell->watch >= 0) == watched;
    });
}

void log_wakeups::listen() {
    if (listening_ || stopped_) {
        return;
    }
    listening_ = true;
    inotify_.async_wait(
        asio::posix::stream_descriptor::wait_read,
        [weak = weak_from_this()](boost::system::error_code failed) {
            const auto self = weak.lock();
            if (!self || failed) {
                return;
            }
            self->drain();
            self->breath_.expires_after(breath);
            self->breath_.async_wait([weak](boost::system::error_code cancelled) {
                const auto rested = weak.lock();
                if (!rested || cancelled) {
                    return;
                }
                rested->listening_ = false;
                if (rested->anybody_waits(true)) {
                    rested->listen();
                }
            });
        });
}

void log_wakeups::drain() {
    alignas(inotify_event) std::array<char, 4096> events{};
    for (;;) {
        const auto n = ::read(inotify_.native_handle(), events.data(), events.size());
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return;
        }
        for (std::size_t at = 0; at < static_cast<std::size_t>(n);) {
            inotify_event event{};
            std::memcpy(&event, events.data() + at, sizeof event);
            at += sizeof event + event.len;
            for (const auto& bell : bells_) {
                if (bell->watch == event.wd || (event.mask & IN_Q_OVERFLOW) != 0) {
                    note(*bell);
                }
            }
        }
    }
}

void log_wakeups::poll() {
    if (polling_ || stopped_) {
        return;
    }
    polling_ = true;
    next_poll_.expires_after(options_.poll);
    next_poll_.async_wait([weak = weak_from_this()](boost::system::error_code cancelled) {
        const auto self = weak.lock();
        if (!self || cancelled) {
            return;
        }
        self->polling_ = false;
        for (const auto& bell : self->bells_) {
            if (bell->watch < 0) {
                self->note(*bell);
            }
        }
        if (self->anybody_waits(false)) {
            self->poll();
        }
    });
}

void log_wakeups::note(log_bell& bell) {
    if (bell.due || bell.waiting == 0 || bell.file->size() == bell.size) {
        return;
    }
    bell.due = true;
    ring_due();
}

void log_wakeups::ring_due() {
    const auto now = std::chrono::steady_clock::now();
    auto next = std::chrono::steady_clock::time_point::max();
    for (const auto& bell : bells_) {
        if (bell->due && bell->not_before <= now) {
            ring(*bell);
        } else if (bell->due) {
            next = std::min(next, bell->not_before);
        }
    }
    if (next == std::chrono::steady_clock::time_point::max() || stopped_) {
        return;
    }
    later_.expires_at(next);
    later_.async_wait([weak = weak_from_this()](boost::system::error_code cancelled) {
        if (const auto self = weak.lock(); self && !cancelled) {
            self->ring_due();
        }
    });
}

} // namespace restpoint::jobs
