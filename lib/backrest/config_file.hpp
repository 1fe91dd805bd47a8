// What pgBackRest's configuration says where restpoint must know it too: where the data directory
// and the stop files are. Pure; pgBackRest alone decides what else it means.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace restpoint::backrest {

/// The value of `option` ("pg1-path") for a stanza: of its environment (PGBACKREST_PG1_PATH), else of
/// the section [STANZA] in the file's `text`, else of [global]. Sections of single commands do not
/// count. None when it is not set, or empty.
[[nodiscard]] std::optional<std::string> configured(
    std::string_view text, std::span<const std::string> environment, std::string_view stanza,
    std::string_view option);

} // namespace restpoint::backrest
