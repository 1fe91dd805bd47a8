#include "jobs/window_answer.hpp"

#include "backrest/repo_trouble.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

namespace restpoint::jobs {

namespace {

constexpr std::size_t most_archives = 16; // each is a child process

bool has_something(const backrest::stanza_info& stanza, const archive_key& archive) {
    const auto listed = std::any_of(
        stanza.archives.begin(), stanza.archives.end(), [&](const backrest::archive_info& one) {
            return one.repo == archive.repo && one.id == archive.id && one.min.has_value();
        });
    return listed || !backups_of(stanza, archive).empty();
}

} // namespace

std::vector<archive_key> archives_of(const backrest::stanza_info& stanza) {
    // Not from the list of archives alone: one that was deleted does not stand there.
    std::map<std::pair<std::int64_t, std::int64_t>, std::string> ids;
    for (const auto& database : stanza.databases) {
        ids[{database.repo, database.id}] = fmt::format("{}-{}", database.version, database.id);
    }
    for (const auto& archive : stanza.archives) {
        ids[{archive.repo, archive.database_id}] = archive.id;
    }
    std::vector<archive_key> all;
    for (auto at = ids.begin(); at != ids.end(); ++at) {
        const auto& [repo, database] = at->first;
        const auto next = std::next(at);
        // Ids count up: the last one of a repo is the cluster of today.
        const bool current = next == ids.end() || next->first.first != repo;
        archive_key key{repo, database, at->second, current};
        if (current || has_something(stanza, key)) {
            all.push_back(std::move(key));
        }
    }
    std::sort(all.begin(), all.end(), [](const archive_key& a, const archive_key& b) {
        return std::tuple(!a.current, a.repo, a.database_id) <
               std::tuple(!b.current, b.repo, b.database_id);
    });
    all.resize(std::min(all.size(), most_archives));
    return all;
}

std::optional<failure> unreadable(const backrest::stanza_info& stanza, std::int64_t repo) {
    for (const auto& one : stanza.repos) {
        if (one.key == repo && one.status.state == backrest::info_state::other) {
            return failure{
                errc::unavailable, backrest::in_brief(one.status.message),
                std::string(backrest::trouble_hint(one.status.message))};
        }
    }
    return std::nullopt;
}

void archive_memory::complete(window_answer& look, const backrest::stanza_info& stanza) {
    std::vector<seen> now;
    for (auto& one : look.archives) {
        const auto known = std::find_if(
            seen_.begin(), seen_.end(), [&](const seen& before) { return before.of == one.of; });
        if (!one.error) {
            now.push_back({one.of, std::make_shared<const backrest::archive_window>(one.window)});
        } else if (known != seen_.end()) {
            one.earlier = known->window;
            now.push_back(*known);
        }
    }
    for (auto& before : seen_) {
        const auto named =
            std::any_of(look.archives.begin(), look.archives.end(), [&](const archive_answer& one) {
                return one.of == before.of;
            });
        auto why = named ? std::nullopt : unreadable(stanza, before.of.repo);
        if (why) {
            look.archives.push_back({before.of, {}, std::move(why), before.window});
            now.push_back(std::move(before));
        }
    }
    seen_ = std::move(now);
}

std::vector<backrest::backup_info> backups_of(
    const backrest::stanza_info& stanza, const archive_key& archive) {
    std::vector<backrest::backup_info> own;
    std::copy_if(
        stanza.backups.begin(), stanza.backups.end(), std::back_inserter(own),
        [&](const backrest::backup_info& one) {
            return one.repo == archive.repo && one.database_id == archive.database_id;
        });
    return own;
}

} // namespace restpoint::jobs
