// What the listings of a stanza's archives amount to: see backrest/wal_window.hpp.
#pragma once

#include "backrest/info.hpp"
#include "backrest/wal_window.hpp"
#include "base/result.hpp"
#include "base/time_text.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace restpoint::jobs {

/// Which archive: a repo has one for each cluster that the stanza ever stood for.
struct archive_key {
    std::int64_t repo = 0;
    std::int64_t database_id = 0;
    std::string id = {};  ///< "15-1"
    bool current = false; ///< of the cluster that is backed up now

    friend bool operator==(const archive_key&, const archive_key&) = default;
};

struct archive_answer {
    archive_key of = {};
    backrest::archive_window window = {};
    std::optional<failure> error = {}; ///< why there is no window
    /// Of one that cannot be listed: what the last look at it showed; null when there was none.
    std::shared_ptr<const backrest::archive_window> earlier = {};
};

struct window_answer {
    std::vector<archive_answer> archives = {};
    wall_time taken = {}; ///< what came into a repo before is in its listing
    bool stale = false;   ///< a newer one was asked for and did not come in time
};

/// The archives worth a look: of the current cluster in each repo, and of earlier ones that
/// something is left of. At most 16, the current ones first.
[[nodiscard]] std::vector<archive_key> archives_of(const backrest::stanza_info& stanza);

/// Why nothing can be listed in a repo: what info said of it; none where it could read the repo.
[[nodiscard]] std::optional<failure> unreadable(
    const backrest::stanza_info& stanza, std::int64_t repo);

/// The last good look at each archive, for as long as it cannot be listed.
class archive_memory {
  public:
    /// Remembers what `look` lists, and completes what it does not: with the window of before, and
    /// with the archives of a repo that info could not read and so did not name.
    void complete(window_answer& look, const backrest::stanza_info& stanza);

  private:
    struct seen {
        archive_key of;
        std::shared_ptr<const backrest::archive_window> window;
    };
    std::vector<seen> seen_ = {};
};

/// The backups that belong to an archive.
[[nodiscard]] std::vector<backrest::backup_info> backups_of(
    const backrest::stanza_info& stanza, const archive_key& archive);

} // namespace restpoint::jobs
