#include "serve/aftercare.hpp"

#include "base/log.hpp"

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
    const auto order = restore::parse_order(ended.spec.order);
    const bool runs = order && order->start && kind != job_kind::forget;
    if (ended.state != jobs::job_state::succeeded || !runs) {
        co_return;
    }
    if (parts_.backs_up_here()) {
        auto queued = submit(job_kind::backup, {}, jobs::behind_restore(ended.id));
        co_await std::move(queued);
    } else {
        log::info(
            "no backup follows the restore from here: the repo's host makes them",
            {{"job", std::to_string(ended.id)}});
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
    for (;;) {
        sweep();
        look();
        settle();
        auto forgetting = forget_old();
        co_await std::move(forgetting);
        pause.expires_after(60s);
        co_await pause.async_wait(asio::use_awaitable);
    }
}

} // namespace restpoint
