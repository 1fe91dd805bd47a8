#include "base/line_queue.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>
#include <system_error>
#include <utility>

namespace restpoint {
namespace {

/// All of it, however long the reader takes. Where nobody can read any more it is lost: there is no
/// other place to say so.
void write_out(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const auto n = ::write(descriptor, text.data(), text.size());
        if (n >= 0) {
            text.remove_prefix(static_cast<std::size_t>(n));
        } else if (errno == EAGAIN) { // somebody else made it non-blocking
            pollfd waiting{descriptor, POLLOUT, 0};
            ::poll(&waiting, 1, -1);
        } else if (errno != EINTR) {
            return;
        }
    }
}

/// A file takes all at once, and never waits for a reader.
bool is_file(int descriptor) {
    struct stat about{};
    return ::fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode);
}

} // namespace

line_queue::line_queue(
    int descriptor, std::function<std::string(std::uint64_t)> dropped, line_queue_limits limits)
    : descriptor_(descriptor), tell_dropped_(std::move(dropped)), limits_(limits) {}

line_queue::~line_queue() {
    {
        const std::lock_guard held(lock_);
        ending_ = true;
    }
    wanted_.notify_all();
    if (writer_.joinable()) {
        writer_.join();
    }
}

/// Signals are for the other threads: their handlers belong to the loop.
bool line_queue::start() {
    sigset_t all{};
    sigset_t before{};
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
        writer_ = std::thread([this] { work(); });
    } catch (const std::system_error&) { // there are as many threads as there may be
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return writer_.joinable();
}

void line_queue::put(std::string line) {
    std::unique_lock held(lock_);
    if ((is_idle() && is_file(descriptor_)) || (!writer_.joinable() && !start())) {
        write_out(descriptor_, line);
        return;
    }
    if (dropped_ > 0 || bytes_ + line.size() > limits_.bytes) {
        ++dropped_;
        return;
    }
    bytes_ += line.size();
    lines_.push_back(std::move(line));
    wanted_.notify_one();
    if (clock::now() < distrusted_until_) {
        return;
    }
    if (!written_.wait_for(held, limits_.patience, [this] { return is_idle(); })) {
        distrusted_until_ = clock::now() + limits_.distrust;
    }
}

bool line_queue::flush(std::chrono::milliseconds within) {
    std::unique_lock held(lock_);
    return written_.wait_for(held, within, [this] { return is_idle(); });
}

/// What goes out next; the count stands behind what came before the first that was dropped.
std::string line_queue::next() {
    if (lines_.empty()) {
        return tell_dropped_(std::exchange(dropped_, 0));
    }
    auto line = std::move(lines_.front());
    lines_.pop_front();
    bytes_ -= line.size();
    return line;
}

void line_queue::work() {
    std::unique_lock held(lock_);
    for (;;) {
        wanted_.wait(held, [this] { return !is_idle() || ending_; });
        if (is_idle()) {
            return;
        }
        const auto line = next();
        writing_ = true;
        held.unlock();
        write_out(descriptor_, line);
        held.lock();
        writing_ = false;
        if (is_idle()) {
            written_.notify_all();
        }
    }
}

} // namespace restpoint
