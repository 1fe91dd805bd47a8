// The page that asks a browser's user for a token. Pure.
#pragma once

#include "http/reply.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace restpoint::api {

/// Where a form of the login page may lead to: one of the pages that only show something, so that
/// no link can make a login start a backup. Anything else becomes "/".
[[nodiscard]] std::string page_after_login(std::string_view wanted);

/// The form, below why it is shown; after it, the page `next`.
[[nodiscard]] http::response login_page(
    const std::optional<http::problem>& why, std::string_view next);

/// What somebody sees who is in: as whom, and the button that ends it.
[[nodiscard]] http::response logged_in_page(std::string_view token, std::string_view role);

} // namespace restpoint::api
