// What goes when a backup set is expired: it, and all that build on it. Pure.
//
// The rules are pgBackRest's own (expire --set, seen with 2.45): a set is looked for in each repo,
// its dependants go with it along the chain of their prior backups, and the only full backup of a
// repo stays. An unknown label is only warned about there, so we say it before.
#pragma once

#include "backrest/info.hpp"
#include "base/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::api {

/// The labels that go, the set itself first. Empty when no repo, or not this one, has such a set.
/// Fails with `conflict` when pgBackRest would keep it.
[[nodiscard]] result<std::vector<std::string>> labels_to_remove(
    const backrest::stanza_info& stanza, std::string_view label, std::optional<int> repo);

} // namespace restpoint::api
