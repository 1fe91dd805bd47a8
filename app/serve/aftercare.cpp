#include "serve/aftercare.hpp"

#include "base/log.hpp"
#include "jobs/backup_behind.hpp"
#include "jobs/clock_trust.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace restpoint {
namespace {

constexpr int most_backups = 100; ///< looked through for one behind a restore
/// A clock that is days beside the newest restore must go on evenly for so long.
constexpr auto believe_after = 1h;

jobs::job_kind kind_of(restore::errand what) {
    switch (what) {
    case restore::errand::restore:
        return jobs::job_kind::restore;
    case restore::errand::undo:
        return jobs::job_kind::undo;
    case restore::errand::forget:
        break;
    }
    return jobs::job_kind::forget;
}

class busy_until_left {
  public:
    explicit busy_until_left(bool& flag) : flag_(flag) { flag_ = true; }
    ~busy_until_left() { flag_ = false; }
    busy_until_left(const busy_until_left&) = delete;
    busy_until_left& operator=(const busy_until_left&) = delete;

  private:
    bool& flag_;
};

/// When its journal was last written: when it was done.
wall_time done_at(const restore::kept_restore& one) {
    struct stat about{};
    if (::stat((one.folder / "journal").c_str(), &about) != 0) {
        return std::chrono::system_clock::now();
    }
    return std::chrono::system_clock::from_time_t(about.st_mtime);
}

bool stands_for(const jobs::job& what, const restore::order& order) {
    const auto its = restore::parse_order(what.spec.order);
    return its && its->folder == order.folder;
}

} // namespace

aftercare::aftercare(parts of) : parts_(std::move(of)) {}

void aftercare::look() {
    const auto data = parts_.data();
    kept_ = data.empty() ? std::vector<restore::kept_restore>() : restore::kept_restores(data);
    std::vector<std::string> strange;
    for (const auto& one :
         data.empty() ? std::vector<restore::strange_restore>() : restore::strange_restores(data)) {
        strange.push_back(fmt::format(
            "what a restore left in '{}' cannot be read, and is left alone: {}",
            one.folder.native(), one.why));
        if (std::ranges::find(strange_, strange.back()) == strange_.end()) {
            log::error(strange.back());
        }
    }
    strange_ = std::move(strange);
}

void aftercare::sweep() {
    const auto data = parts_.data();
    const auto unfinished = parts_.jobs.unfinished();
    for (const auto& one : data.empty() ? std::vector<restore::kept_restore>()
                                        : restore::turned_back_restores(data)) {
        const bool is_used = std::ranges::any_of(
            unfinished, [&](const jobs::job& j) { return stands_for(j, one.what); });
        std::error_code ignored;
        if (!is_used && !std::filesystem::exists(one.folder / "previous", ignored)) {
            std::filesystem::remove_all(one.folder, ignored);
        }
    }
}

void aftercare::settle() {
    const auto unfinished = parts_.jobs.unfinished();
    const bool busy = std::ranges::any_of(unfinished, [](const jobs::job& j) {
        return j.spec.kind == jobs::job_kind::restore || j.spec.kind == jobs::job_kind::undo;
    });
    if (busy || kept_.empty()) {
        return;
    }
    if (const auto taken = restore::take_out_settings(kept_.back()); !taken) {
        log::warn(
            "settings of a recovery that is over could not be taken out",
            {{"error", taken.error().detail}});
    }
}

wall_time aftercare::kept_until(const restore::kept_restore& one) const {
    return done_at(one) + parts_.keep_previous;
}

std::string aftercare::expiry_held() const {
    // Beside, the old cluster lies there whole; in place, the repo is what leads back to it.
    const auto found = std::find_if(kept_.begin(), kept_.end(), [](const auto& one) {
        return one.what.how == restore::way::in_place;
    });
    return found == kept_.end()
               ? std::string()
               : fmt::format(
                     "the undo of the restore {} needs what is in the repo, until {}",
                     found->what.folder, rfc3339(kept_until(*found)));
}

std::vector<std::string> aftercare::left_out() const {
    const auto data = parts_.data();
    const auto root = data.empty() ? data : restore::work_root(data);
    return root.parent_path() == data && !data.empty()
               ? std::vector<std::string>{root.filename().native() + "/"}
               : std::vector<std::string>{};
}

asio::awaitable<void> aftercare::submit(jobs::job_kind kind, std::string order, std::string by) {
    jobs::job_spec what;
    what.kind = kind;
    what.stanza = parts_.stanza;
    what.order = std::move(order);
    if (kind == jobs::job_kind::backup) {
        what.type = backrest::backup_type::incr;
    }
    auto taking = parts_.jobs.submit(std::move(what), std::move(by), jobs::when_busy::queue);
    const auto taken = co_await std::move(taking);
    if (!taken) {
        log::warn(
            "what follows a restore could not be queued",
            {{"kind", to_string(kind)}, {"error", taken.error().why.detail}});
    }
}

asio::awaitable<void> aftercare::see_to(jobs::job ended) {
    using jobs::job_kind;
    const auto kind = ended.spec.kind;
    if (kind != job_kind::restore && kind != job_kind::undo && kind != job_kind::forget) {
        co_return;
    }
    sweep();
    look();
    auto backing_up = back_up();
    co_await std::move(backing_up);
}

/// The newest restore or undo, of any state where none is named.
asio::awaitable<std::optional<jobs::job>> aftercare::newest_restore(
    std::optional<jobs::job_state> state) {
    std::optional<jobs::job> newest;
    for (const auto kind : {jobs::job_kind::restore, jobs::job_kind::undo}) {
        auto asking = last_of(kind, state, 1);
        const auto found = co_await std::move(asking);
        if (!found.empty() && (!newest || newest->id < found.front().id)) {
            newest = found.front();
        }
    }
    co_return newest;
}

asio::awaitable<std::vector<jobs::job>> aftercare::last_of(
    jobs::job_kind kind, std::optional<jobs::job_state> state, int most) {
    jobs::job_filter filter;
    filter.kind = kind;
    filter.state = state;
    filter.stanza = parts_.stanza;
    filter.limit = most;
    auto listing = parts_.jobs.list(std::move(filter));
    auto list = co_await std::move(listing);
    co_return list ? std::move(*list) : std::vector<jobs::job>();
}

/// Asked whenever a restore has ended, and now and then: one that failed is tried again, and one that
/// a killed restpoint had no time to queue is made up for.
asio::awaitable<void> aftercare::back_up() {
    if (backing_up_) {
        co_return;
    }
    const busy_until_left busy(backing_up_);
    auto looking = newest_restore(jobs::job_state::succeeded);
    const auto restored = co_await std::move(looking);
    const auto order = restore::parse_order(restored ? restored->spec.order : std::string());
    if (!restored || !order || !order->start) {
        co_return;
    }
    auto looking_again = newest_restore({});
    const auto tried = co_await std::move(looking_again);
    auto asking = last_of(jobs::job_kind::backup, {}, most_backups);
    const auto backups = co_await std::move(asking);
    const auto now = std::chrono::system_clock::now();
    if (!tried || !jobs::is_backup_owed(*restored, tried->id, backups, now)) {
        co_return;
    }
    auto looking_here = parts_.backs_up_elsewhere();
    const auto elsewhere = co_await std::move(looking_here);
    if (elsewhere.empty()) {
        auto queued = submit(jobs::job_kind::backup, {}, jobs::behind_restore(restored->id));
        co_await std::move(queued);
    } else if (told_of_ != restored->id) {
        told_of_ = restored->id;
        log::info(
            "no backup follows the restore from here: " + elsewhere,
            {{"job", std::to_string(restored->id)}});
    }
}

asio::awaitable<void> aftercare::take_up_found() {
    const auto data = parts_.data();
    if (data.empty()) {
        co_return;
    }
    const auto unfinished = parts_.jobs.unfinished();
    for (const auto& one : restore::open_restores(data)) {
        const bool known = std::ranges::any_of(
            unfinished, [&](const jobs::job& j) { return stands_for(j, one.what); });
        if (known) {
            continue;
        }
        log::warn(
            "the journal of a restore is open and no job stands for it: it is taken up",
            {{"journal", one.folder.native()}});
        auto queued = submit(
            kind_of(one.what.what), restore::to_json(one.what), "journal " + one.what.folder);
        co_await std::move(queued);
    }
}

asio::awaitable<void> aftercare::forget_old() {
    const auto now = std::chrono::system_clock::now();
    const auto old = kept_;
    for (const auto& one : old) {
        const auto others = parts_.jobs.unfinished();
        const bool busy = std::ranges::any_of(others, [](const jobs::job& j) {
            return j.spec.kind == jobs::job_kind::forget || j.spec.kind == jobs::job_kind::undo;
        });
        if (busy || now < kept_until(one)) {
            continue;
        }
        restore::order what;
        what.what = restore::errand::forget;
        what.stanza = parts_.stanza;
        what.data = one.what.data;
        what.folder = restore::folder_name(now, "forget");
        what.of = one.what.folder;
        auto queued =
            submit(jobs::job_kind::forget, restore::to_json(what), "restore.keep_previous_h");
        co_await std::move(queued);
    }
}

asio::awaitable<void> aftercare::run() {
    look();
    auto found = take_up_found();
    co_await std::move(found);
    asio::steady_timer pause(co_await asio::this_coro::executor);
    jobs::clock_trust clock(
        std::chrono::system_clock::now(), std::chrono::steady_clock::now(),
        kept_.empty() ? std::nullopt : std::optional(done_at(kept_.back())), believe_after);
    for (;;) {
        sweep();
        look();
        settle();
        if (clock.believes(std::chrono::system_clock::now(), std::chrono::steady_clock::now())) {
            auto forgetting = forget_old();
            co_await std::move(forgetting);
        }
        auto backing_up = back_up();
        co_await std::move(backing_up);
        pause.expires_after(60s);
        co_await pause.async_wait(asio::use_awaitable);
    }
}

} // namespace restpoint
