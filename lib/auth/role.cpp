#include "auth/role.hpp"

namespace restpoint::auth {

std::string_view to_string(role what) {
    switch (what) {
    case role::viewer:
        return "viewer";
    case role::operate:
        return "operator";
    case role::admin:
        break;
    }
    return "admin";
}

std::optional<role> parse_role(std::string_view text) {
    for (const auto one : {role::viewer, role::operate, role::admin}) {
        if (text == to_string(one)) {
            return one;
        }
    }
    return std::nullopt;
}

} // namespace restpoint::auth
