#include "schedule/claimant.hpp"

#include "base/file.hpp"
#include "base/log.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <sstream>

namespace asio = boost::asio;

namespace restpoint::schedule {

namespace {

/// The nonces behind the due time in a note; none when it is of another slot.
std::vector<std::string> nonces_in(const std::string& note, const std::string& slot) {
    std::istringstream words(note);
    std::string word;
    std::vector<std::string> found;
    if (words >> word && word == slot) {
        while (words >> word) {
            found.push_back(word);
        }
    }
    return found;
}

claim_answer open_because(std::string why) {
    return {claim_outcome::open, {}, std::move(why)};
}

} // namespace

std::string claimant::folder_of(const std::string& schedule, wall_time due) const {
    return fmt::format("{}/{}", claims_path(options_.stanza, schedule), day_of(due));
}

/// On disk before the claim is put: a later life must know it for its own, and no copy of this state
/// directory can.
result<claimant::attempt> claimant::begin(const std::string& schedule, wall_time due) const {
    std::error_code bad;
    std::filesystem::create_directories(options_.notes, bad);
    const auto file = options_.notes / schedule;
    const auto slot = rfc3339(due);
    attempt made;
    const auto note = read_file(file);
    if (!note && note.error().code != errc::not_found) {
        return note.error();
    }
    made.earlier = note ? nonces_in(*note, slot) : std::vector<std::string>();
    made.own.due = due;
    made.own.machine = options_.machine;
    made.own.nonce = options_.nonce();
    made.folder = folder_of(schedule, due);
    const auto written = write_file(
        file, fmt::format("{} {} {}\n", slot, fmt::join(made.earlier, " "), made.own.nonce));
    if (!written) {
        return written.error();
    }
    return made;
}

asio::awaitable<result<std::vector<slot_claim>>> claimant::look(std::string folder, wall_time due) {
    const auto listed = co_await repo_.list(std::move(folder));
    if (!listed) {
        co_return listed.error();
    }
    co_return claims_in(*listed, due);
}

asio::awaitable<result<>> claimant::put(attempt what) {
    const auto limit = options_.times.put_limit;
    const auto path = fmt::format("{}/{}", what.folder, file_of(what.own));
    const auto text = fmt::format("claimed by restpoint on {}\n", what.own.machine);
    const auto begun = options_.uptime();
    auto done = co_await repo_.put(path, text, limit);
    const auto took = options_.uptime() - begun;
    if (done && took > limit) {
        co_return failure{
            errc::timed_out, fmt::format(
                                 "the repo took {} ms for a small file, which is more than {} ms",
                                 took.count(), limit.count())};
    }
    co_return done;
}

/// As well as can be: who sees the claim leaves the slot alone.
asio::awaitable<void> claimant::withdraw(attempt what) {
    what.own.withdrawn = true;
    const auto path = fmt::format("{}/{}", what.folder, file_of(what.own));
    const auto done = co_await repo_.put(path, "left\n", options_.times.put_limit);
    if (!done) {
        log::warn(
            "the claim of a scheduled run cannot be withdrawn",
            {{"claim", path}, {"error", done.error().detail}});
    }
}

asio::awaitable<claim_answer> claimant::decide(attempt what) {
    const auto seen = co_await look(what.folder, what.own.due);
    if (!seen) {
        co_return open_because(seen.error().detail);
    }
    auto judged = judge(*seen, what.own.nonce, what.earlier);
    switch (judged.verdict) {
    case slot_verdict::ours:
        co_return claim_answer{claim_outcome::ours, options_.machine, {}};
    case slot_verdict::theirs:
        co_return claim_answer{claim_outcome::theirs, std::move(judged.machine), {}};
    case slot_verdict::not_listed:
        co_return open_because("the repo does not list the claim that was put there");
    case slot_verdict::clock_ahead:
        co_return open_because(
            "it is not due yet by the clock of the repo, and this machine's goes "
            "ahead");
    case slot_verdict::too_late:
        break;
    }
    co_return claim_answer{
        claim_outcome::barred,
        {},
        fmt::format("it was due more than {} days ago", oldest_slot.count())};
}

/// A little at a time, and not worth a word when it fails: the next one tries again.
asio::awaitable<void> claimant::clear_away(std::string schedule, wall_time due) {
    constexpr int most = 8;
    const auto path = claims_path(options_.stanza, schedule);
    const auto days = co_await repo_.list(path);
    if (!days) {
        co_return;
    }
    int removed = 0;
    for (const auto& day : outlived(*days, due)) {
        const auto done = co_await repo_.remove(fmt::format("{}/{}", path, day));
        if (!done || ++removed == most) {
            co_return;
        }
    }
}

asio::awaitable<result<std::optional<std::string>>> claimant::claimed(
    std::string schedule, wall_time due) {
    const auto seen = co_await look(folder_of(schedule, due), due);
    if (!seen) {
        co_return seen.error();
    }
    co_return claimed_by(*seen, {});
}

asio::awaitable<claim_answer> claimant::claim(std::string schedule, wall_time due) {
    const auto begun = begin(schedule, due);
    if (!begun) {
        co_return open_because(begun.error().detail);
    }
    const attempt ours = *begun;
    const auto before = co_await look(ours.folder, due);
    if (!before) {
        co_return open_because(before.error().detail);
    }
    if (auto other = claimed_by(*before, ours.earlier)) {
        co_return claim_answer{claim_outcome::theirs, std::move(*other), {}};
    }
    const auto stands = co_await put(ours);
    claim_answer answer;
    if (stands) {
        asio::steady_timer settling(co_await asio::this_coro::executor, options_.times.settling);
        co_await settling.async_wait(asio::use_awaitable);
        answer = co_await decide(ours);
    } else {
        answer = open_because(stands.error().detail);
    }
    if (answer.outcome == claim_outcome::ours) {
        co_await clear_away(std::move(schedule), due);
    } else {
        co_await withdraw(ours);
    }
    co_return answer;
}

} // namespace restpoint::schedule
