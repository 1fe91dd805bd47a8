#include "jobs/window_cache.hpp"

#include "backrest/archive_listing.hpp"
#include "backrest/command.hpp"
#include "backrest/segment_size.hpp"
#include "backrest/timeline_history.hpp"
#include "jobs/on_pool.hpp"
#include "jobs/output_of.hpp"
#include "process/capture.hpp"

#include <boost/asio/thread_pool.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace asio = boost::asio;

namespace restpoint::jobs {

/// Looks; one look at a time.
class window_cache::observer {
  public:
    explicit observer(window_options options) : options_(std::move(options)) {}

    [[nodiscard]] asio::awaitable<result<window_answer>> look();

  private:
    /// A history file by place and stamp: read once, it is not read again.
    using history_key = std::tuple<std::int64_t, std::string, std::uint32_t, std::int64_t>;

    [[nodiscard]] asio::awaitable<result<std::string>> run(
        std::string word, backrest::command what, std::size_t most_bytes) const;
    [[nodiscard]] asio::awaitable<archive_answer> look_at(
        archive_key archive, std::vector<backrest::backup_info> backups,
        std::optional<std::uint64_t> told_size);
    [[nodiscard]] asio::awaitable<backrest::timeline_histories> read_histories(
        archive_key archive, std::string path,
        std::shared_ptr<const backrest::archive_listing> listing,
        std::vector<std::uint32_t> timelines);
    [[nodiscard]] asio::awaitable<result<backrest::ancestry>> read_history(
        archive_key archive, std::string path, std::uint32_t timeline, std::int64_t stamp);

    window_options options_;
    std::map<history_key, backrest::ancestry> read_before_ = {};
    archive_memory seen_ = {};
    asio::thread_pool pool_{1};
};

asio::awaitable<result<std::string>> window_cache::observer::run(
    std::string word, backrest::command what, std::size_t most_bytes) const {
    const backrest::invocation how{
        options_.binary, options_.config, options_.stanza, options_.look_timeout};
    process::spawn_request request;
    request.argv = backrest::to_argv(how, what);
    request.environment = options_.environment;
    process::capture_limits limits;
    limits.deadline = options_.deadline;
    limits.output_bytes = most_bytes;
    auto ended = co_await process::capture(std::move(request), limits);
    co_return output_of(word, std::move(ended));
}

asio::awaitable<result<backrest::ancestry>> window_cache::observer::read_history(
    archive_key archive, std::string path, std::uint32_t timeline, std::int64_t stamp) {
    const history_key key{archive.repo, archive.id, timeline, stamp};
    if (const auto known = read_before_.find(key); known != read_before_.end()) {
        co_return known->second;
    }
    constexpr std::size_t most_bytes = 1U << 20U; // some ten thousand switches
    backrest::command what = backrest::repo_get{
        static_cast<int>(archive.repo), fmt::format("{}/{:08X}.history", path, timeline)};
    auto text = co_await run("repo-get", std::move(what), most_bytes);
    if (!text) {
        co_return text.error();
    }
    auto parsed = backrest::parse_timeline_history(timeline, *text);
    if (parsed) {
        constexpr std::size_t most_kept = 256;
        if (read_before_.size() >= most_kept) {
            read_before_.clear();
        }
        read_before_[key] = *parsed;
    }
    co_return parsed;
}

asio::awaitable<backrest::timeline_histories> window_cache::observer::read_histories(
    archive_key archive, std::string path, std::shared_ptr<const backrest::archive_listing> listing,
    std::vector<std::uint32_t> timelines) {
    backrest::timeline_histories known;
    std::vector<std::uint32_t> refused;
    // At most one for each timeline that is walked.
    while (const auto next = backrest::next_history(*listing, timelines, known, refused)) {
        const auto file = std::find_if(
            listing->histories.begin(), listing->histories.end(),
            [&](const auto& one) { return one.timeline == *next; });
        auto ancestry = co_await read_history(archive, path, *next, file->time);
        if (ancestry) {
            known[*next] = std::move(*ancestry);
        } else {
            refused.push_back(*next);
        }
    }
    co_return known;
}

asio::awaitable<archive_answer> window_cache::observer::look_at(
    archive_key archive, std::vector<backrest::backup_info> backups,
    std::optional<std::uint64_t> told_size) {
    archive_answer answer;
    answer.of = archive;
    const auto path = backrest::archive_path(options_.stanza, archive.id);
    if (!path) {
        answer.error = path.error();
        co_return answer;
    }
    backrest::command what = backrest::repo_ls{static_cast<int>(archive.repo), *path};
    auto text = co_await run("repo-ls", std::move(what), options_.listing_bytes);
    if (!text) {
        answer.error = text.error();
        co_return answer;
    }
    auto parse = [text = std::move(*text)] { return backrest::parse_archive_listing(text); };
    auto parsed = co_await on_pool(pool_, std::move(parse));
    if (!parsed) {
        answer.error = parsed.error();
        co_return answer;
    }
    const auto listing = std::make_shared<const backrest::archive_listing>(std::move(*parsed));
    const auto bases = backrest::base_backups(backups);
    auto timelines = backrest::walked_timelines(*listing, bases);
    auto histories = co_await read_histories(archive, *path, listing, std::move(timelines));
    auto walk = [listing, bases, histories = std::move(histories), backups = std::move(backups),
                 told_size] {
        const auto size = backrest::learn_segment_size(*listing, backups, told_size);
        return backrest::find_window(*listing, histories, bases, size);
    };
    answer.window = co_await on_pool(pool_, std::move(walk));
    co_return answer;
}

asio::awaitable<result<window_answer>> window_cache::observer::look() {
    const auto info = co_await options_.info();
    if (!info) {
        co_return info.error();
    }
    window_answer answer;
    answer.stale = (*info)->stale;
    answer.taken = std::chrono::system_clock::now();
    const auto& stanzas = (*info)->stanzas;
    const auto own = std::find_if(stanzas.begin(), stanzas.end(), [&](const auto& one) {
        return one.name == options_.stanza;
    });
    if (own == stanzas.end()) {
        co_return answer;
    }
    std::optional<std::uint64_t> told_size;
    if (options_.segment_size) {
        told_size = co_await options_.segment_size();
    }
    const auto archives = archives_of(*own);
    for (const auto& archive : archives) {
        // An earlier cluster may have had another size.
        const auto size = archive.current ? told_size : std::nullopt;
        auto backups = backups_of(*own, archive);
        auto found = co_await look_at(archive, std::move(backups), size);
        answer.archives.push_back(std::move(found));
    }
    seen_.complete(answer, *own);
    co_return answer;
}

window_cache::window_cache(asio::any_io_executor executor, window_options options)
    : observer_(std::make_shared<observer>(options)),
      flights_(
          std::move(executor),
          {.name = "the look at the WAL archive",
           .fresh_for = options.fresh_for,
           .patience = options.patience},
          [seeing = observer_] { return seeing->look(); }) {}

window_cache::~window_cache() = default;

} // namespace restpoint::jobs
