#include "jobs/verify_size.hpp"

#include <algorithm>

namespace restpoint::jobs {
namespace {

/// pgBackRest verifies one repo, and of several the one with the lowest number unless told.
std::int64_t repo_of(const job_spec& what, const backrest::stanza_info& stanza) {
    if (what.repo) {
        return *what.repo;
    }
    const auto first = std::ranges::min_element(stanza.repos, {}, &backrest::repo_info::key);
    return first == stanza.repos.end() ? 1 : first->key;
}

} // namespace

std::optional<std::uint64_t> bytes_to_verify(
    const job_spec& what, std::span<const backrest::stanza_info> stanzas,
    const window_answer& archives) {
    const auto stanza = std::ranges::find(stanzas, what.stanza, &backrest::stanza_info::name);
    if (stanza == stanzas.end()) {
        return std::nullopt;
    }
    const auto repo = repo_of(what, *stanza);
    std::uint64_t sum = 0;
    for (const auto& set : stanza->backups) {
        if (set.repo == repo && !set.repo_delta) {
            return std::nullopt;
        }
        sum += set.repo == repo ? *set.repo_delta : 0;
    }
    for (const auto& archive : archives.archives) {
        if (archive.of.repo == repo && archive.error) {
            return std::nullopt;
        }
        sum += archive.of.repo == repo ? archive.window.bytes : 0;
    }
    return sum;
}

} // namespace restpoint::jobs
