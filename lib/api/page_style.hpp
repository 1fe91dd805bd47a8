// The one style sheet of our pages, and the policy that allows it and nothing else.
#pragma once

#include <string>
#include <string_view>

namespace restpoint::api {

[[nodiscard]] std::string_view page_style();

/// What ends the page of a job that was running: see hide_running().
[[nodiscard]] std::string_view end_style();

/// The value of Content-Security-Policy; computed once.
[[nodiscard]] const std::string& content_security_policy();

} // namespace restpoint::api
