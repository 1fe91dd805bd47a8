// What happens when one of the old addresses asks for a job: the checks before anything starts, and
// the form of the answer.
#pragma once

#include "api/api.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace restpoint::api {

/// The address of this page with all that was asked for: where its button leads.
[[nodiscard]] std::string address_of_form(const http::request& asked);

/// Whether the request brings the one-time token that only the form of this page could have given
/// it; uses it up.
[[nodiscard]] bool brings_token(api_context& context, const http::request& asked);

/// Whether somebody is known to have pressed the button of our own page for this.
enum class press { unknown, seen };

/// Answers GET, POST and HEAD of a classic page that runs `what`. Programs get the stream, or with
/// wait the whole page at the end; a browser that navigates is sent to the job's page; a browser
/// that cannot be told from a hostile page has to press a button; HEAD gets a head.
[[nodiscard]] boost::asio::awaitable<http::reply> classic_start(
    api_context& context, const http::request& asked, jobs::job_spec what,
    press button = press::unknown);

/// A refusal as the classic pages give it: a page, or problem+json when Accept asks for JSON.
[[nodiscard]] http::response classic_refusal(const http::problem& why, const http::request& asked);

} // namespace restpoint::api
