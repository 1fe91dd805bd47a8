#include "api/removal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace restpoint::api {
namespace {

using backrest::backup_info;

bool is_in(const backup_info& set, std::optional<int> repo) {
    return !repo || set.repo == *repo;
}

/// Whether it is the last one that pgBackRest lets a repo keep.
bool is_only_full(const backrest::stanza_info& stanza, const backup_info& set) {
    const auto full_beside = [&](const backup_info& other) {
        return other.repo == set.repo && other.type == "full" && other.label != set.label;
    };
    return set.type == "full" && std::ranges::none_of(stanza.backups, full_beside);
}

/// The labels of one repo that build on those in `gone`, whatever order info lists them in.
void add_dependants(
    const backrest::stanza_info& stanza, std::int64_t repo, std::set<std::string>& gone) {
    for (bool found = true; found;) {
        found = false;
        for (const auto& one : stanza.backups) {
            if (one.repo == repo && one.prior && gone.contains(*one.prior)) {
                found = gone.insert(one.label).second || found;
            }
        }
    }
}

} // namespace

result<std::vector<std::string>> labels_to_remove(
    const backrest::stanza_info& stanza, std::string_view label, std::optional<int> repo) {
    std::set<std::string> gone;
    for (const auto& set : stanza.backups) {
        if (set.label != label || !is_in(set, repo)) {
            continue;
        }
        if (is_only_full(stanza, set)) {
            return failure{
                errc::conflict,
                fmt::format("{} is the only full backup in repo {}", label, set.repo),
                "make another full backup first: pgbackrest keeps one in each repo"};
        }
        std::set<std::string> here{set.label};
        add_dependants(stanza, set.repo, here);
        gone.merge(here);
    }
    std::vector<std::string> labels;
    if (gone.erase(std::string(label)) > 0) {
        labels.emplace_back(label);
    }
    labels.insert(labels.end(), gone.begin(), gone.end());
    return labels;
}

} // namespace restpoint::api
