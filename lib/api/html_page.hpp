// The frame of every page: head, style, navigation. No scripts and nothing from elsewhere; a policy
// says so to the browser.
//
// Where a page grows while it is read, its end must stand at the top: the body is a flex column, in
// which style alone gives the parts their order.
#pragma once

#include "http/reply.hpp"

#include <string>
#include <string_view>

namespace restpoint::api {

/// From the doctype to behind the navigation. `title` is escaped here.
[[nodiscard]] std::string page_begin(std::string_view title);
[[nodiscard]] std::string_view page_end();

/// Takes away what says "running": for the end of a page that has grown.
[[nodiscard]] std::string_view hide_running();

/// Content-Security-Policy with the hashes of our styles.
[[nodiscard]] http::header_list page_headers();

/// A whole page around `content`, which is HTML.
[[nodiscard]] http::response html_response(
    unsigned status, std::string_view title, std::string_view content);

/// `<h1> Error </h1>` with what is wrong, what to do, and a link to the job in the way.
[[nodiscard]] http::response error_page(const http::problem& what, std::string_view more_html = {});

/// A form with one button that posts a one-time token to `path`. `label` is escaped here.
[[nodiscard]] std::string button(
    std::string_view path, std::string_view token, std::string_view label);

/// Text as HTML: escaped, a newline as <br/>.
[[nodiscard]] std::string with_breaks(std::string_view text);

} // namespace restpoint::api
