// Which of several machines runs a due time (a slot): claims are files in the repo that they share,
// put there and listed with pgbackrest alone, so this holds for every kind of store. Pure; the
// claimant performs it.
//
// There is no atomic create in an object store, but the store has one clock. So each candidate
//   1. puts a claim under a name that nobody else has. A put that took longer than `put_limit` by
//      the candidate's clock is no good: the claim is withdrawn;
//   2. waits for `settling`, which is longer than put_limit and the granularity of the store's times
//      together;
//   3. lists the claims of the slot. The earliest by the store's clock has it, of equal times the
//      first nonce. Who finds another's in front of its own withdraws.
//
// Never two: let A and B both take the slot, A's claim in front of B's. B did not see A's when it
// listed, so A's put ended after that, and B had waited for `settling` since its own ended: A's put
// ended more than put_limit and a granule after the store stamped B's. A's put took put_limit at
// most, so it began more than a granule after B's was stamped, and what is stamped a granule later
// is not in front: contradiction. This needs that what was put is in every listing from then on (S3,
// Azure, GCS and file systems do that), that the store's clock goes on, and that no machine stands
// still within a put without its clock noticing; `settling` has a second to spare for clocks of a
// store's parts that differ. Withdrawals change nothing of it: a claim that took the slot is never
// withdrawn.
//
// Exactly one where nobody fails: the foremost claim is beaten by none. One where candidates come
// late, restart or hang, or none: a slot that its claimant does not run is not taken over, since
// nobody can tell a dead machine from one that cannot be reached. The claimant itself goes on where
// it was after a restart: its claims of an earlier life are passed over by itself alone, and those
// who had left the slot to it have withdrawn.
#pragma once

#include "backrest/repo_listing.hpp"
#include "base/time_text.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::schedule {

/// The same on all machines, so no configuration.
struct claim_times {
    std::chrono::milliseconds put_limit{5000};
    std::chrono::milliseconds settling{7500}; ///< put_limit, a second for stamps, and some more
};

/// A claim is for a slot that is due by the store's clock, but for this much.
inline constexpr std::chrono::minutes claim_lead{5};

/// An older slot is not claimed any more, and its claims may be gone.
inline constexpr std::chrono::days oldest_slot{60};
inline constexpr std::chrono::days claims_kept{70};

struct slot_claim {
    wall_time due = {};       ///< whole seconds
    std::string machine = {}; ///< letters, digits, '-' and '.'
    std::string nonce = {};   ///< letters and digits: no two attempts have the same
    bool withdrawn = false;
    std::int64_t time = 0; ///< by the store's clock, seconds since 1970

    friend bool operator==(const slot_claim&, const slot_claim&) = default;
};

/// A host's name as it can stand in a claim's.
[[nodiscard]] std::string machine_of(std::string_view host);

/// "restpoint/STANZA/slots/SCHEDULE": of our own in the repo's root, where pgBackRest never looks.
[[nodiscard]] std::string claims_path(std::string_view stanza, std::string_view schedule);

/// The folder of a day in it, by the due times in UTC: "2026-11-23".
[[nodiscard]] std::string day_of(wall_time due);

/// "20261123T021000Z_MACHINE_NONCE", and the same with "_left" for a withdrawal.
[[nodiscard]] std::string file_of(const slot_claim& what);

/// The claims of `due` in the listing of its day.
[[nodiscard]] std::vector<slot_claim> claims_in(
    std::span<const backrest::repo_entry> day, wall_time due);

/// The machine that others' claims stand for before we have put one: whoever sees one leaves the slot.
/// `earlier`: nonces of our own earlier attempts.
[[nodiscard]] std::optional<std::string> claimed_by(
    std::span<const slot_claim> all, std::span<const std::string> earlier);

enum class slot_verdict {
    ours,
    theirs,
    not_listed,  ///< our claim is not there
    clock_ahead, ///< it is not due yet by the store's clock
    too_late     ///< older than oldest_slot
};

struct judgement {
    slot_verdict verdict = slot_verdict::not_listed;
    std::string machine = {}; ///< of theirs
};

/// Whose the slot is, in a listing that was asked for after `settling`.
[[nodiscard]] judgement judge(
    std::span<const slot_claim> all, const std::string& nonce,
    std::span<const std::string> earlier);

/// Those of the days that are no longer needed when `due` is claimed.
[[nodiscard]] std::vector<std::string> outlived(
    std::span<const backrest::repo_entry> days, wall_time due);

} // namespace restpoint::schedule
