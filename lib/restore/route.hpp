// The machine of a restore: which step comes next, forward or back. Pure.
//
// A journal holds what was begun and what ended. From that alone follows the next step, so a restore
// that is killed anywhere goes on where it was: a step that was begun and did not end is taken
// again, and every step can be.
//
//   errand, way            forward                                        back
//   restore, beside        prepare restore configure replay prove         halt swap_back start_old discard
//                          stop settle swap start release finish
//   restore, in place      prepare stop settle keep restore configure     halt put_back start_old
//                          replay prove start release finish              release_old discard
//   undo, beside           prepare stop settle swap start release finish  halt swap_back start_old
//   undo, in place         as restore, in place
//   forget                 discard_kept
//
// On the way back a step is left out when what it takes back was never begun: swap_back without
// swap; put_back and release_old without restore in place; halt without start or replay; start_old
// without stop. Once release has begun there is no way back: applications write into the
// new cluster. Whether there is one while start is under way, the one who performs it finds out.
#pragma once

#include "restore/order.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::restore {

enum class step {
    prepare,   ///< look again at all that the plan went by; write down what is there
    restore,   ///< pgBackRest brings the files of the set
    configure, ///< what is the live cluster's own comes along; settings of the recovery
    replay,    ///< a private server replays to the target, and is not promoted
    prove,     ///< it is what the plan says
    stop,      ///< the old server
    settle,    ///< nobody has its files open; beside: WAL that the repo lacks comes along
    keep,      ///< in place: what the repo lacks, and the configuration, aside
    swap,      ///< the directories change places
    start,     ///< by whoever runs the server; it ends its recovery and takes writes
    release,   ///< archiving, until the new timeline is in the repo
    finish,    ///< nothing is left to do
    halt,      ///< back: what runs on the new directory
    swap_back,
    put_back, ///< in place: the old timeline to its end, with what was kept
    start_old,
    release_old,
    discard,     ///< the new directory
    discard_kept ///< what an undo would need
};
[[nodiscard]] std::string_view to_string(step what);
[[nodiscard]] std::optional<step> parse_step(std::string_view text);

enum class entry_word {
    begin, ///< a step
    end,   ///< a step
    note,  ///< "NAME VALUE", to be remembered
    back,  ///< from here on back; why
    done   ///< "committed" or "rolled_back"
};
[[nodiscard]] std::string_view to_string(entry_word word);
[[nodiscard]] std::optional<entry_word> parse_entry_word(std::string_view text);

struct entry {
    entry_word word = entry_word::note;
    std::string rest = {};

    friend bool operator==(const entry&, const entry&) = default;
};

struct history {
    std::vector<entry> entries = {};

    [[nodiscard]] bool has(entry_word word, step of) const;
    [[nodiscard]] bool began(step of) const { return has(entry_word::begin, of); }
    [[nodiscard]] bool ended(step of) const { return has(entry_word::end, of); }
    /// Why it went back; none while it goes forward.
    [[nodiscard]] std::optional<std::string> turned_back() const;
    /// "committed", "rolled_back"; none while it is open.
    [[nodiscard]] std::optional<std::string> done() const;
    /// What was last noted under a name.
    [[nodiscard]] std::optional<std::string> noted(std::string_view name) const;
    /// All that was noted under it, in its order.
    [[nodiscard]] std::vector<std::string> all_noted(std::string_view name) const;
};

/// The steps forward.
[[nodiscard]] std::span<const step> way_forward(errand what, way how);

/// The steps back from where a restore stands.
[[nodiscard]] std::vector<step> way_back(errand what, way how, const history& so_far);

/// The step to take now; none when all of the way is behind it.
[[nodiscard]] std::optional<step> next_step(errand what, way how, const history& so_far);

/// Whether a restore that stands there may still turn back. While start is under way it may if the
/// new cluster has not taken writes.
enum class retreat { possible, unless_promoted, impossible };
[[nodiscard]] retreat can_turn_back(errand what, const history& so_far);

} // namespace restpoint::restore
