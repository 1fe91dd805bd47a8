// What somebody may do here; each role implies those before it. Pure.
#pragma once

#include <optional>
#include <string_view>

namespace restpoint::auth {

enum class role {
    viewer,  ///< looks
    operate, ///< makes and stops backups: "operator", which C++ keeps for itself
    admin    ///< everything
};

/// "viewer", "operator", "admin".
[[nodiscard]] std::string_view to_string(role what);

/// The inverse of to_string(); none for anything else.
[[nodiscard]] std::optional<role> parse_role(std::string_view text);

} // namespace restpoint::auth
