#include "api/login_page.hpp"

#include "api/html_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace restpoint::api {

std::string page_after_login(std::string_view wanted) {
    constexpr std::array<std::string_view, 3> pages{
        "/pgBackRest/info", "/pgBackRest/db_status", "/pgBackRest/jobs"};
    constexpr std::string_view job = "/pgBackRest/jobs/";
    const bool is_job = wanted.starts_with(job) && wanted.size() > job.size() &&
                        wanted.find_first_not_of("0123456789", job.size()) == wanted.npos;
    const bool is_page = is_job || std::ranges::find(pages, wanted) != pages.end();
    return std::string(is_page ? wanted : "/");
}

http::response login_page(const std::optional<http::problem>& why, std::string_view next) {
    std::string html = "<section>\n<h1>A token, please</h1>\n";
    if (why) {
        html += fmt::format("<p>{}</p>\n", with_breaks(why->detail));
    }
    html += fmt::format(
        "<form method=\"post\" action=\"/login?next={}\">"
        "<label>Token <input type=\"password\" name=\"token\" autocomplete=\"current-password\" "
        "required autofocus></label> <button>Log in</button></form>\n",
        page_after_login(next));
    html += "<p class=\"soft\">Whoever runs this service makes one with <code>restpoint token "
            "create</code>.";
    html += why ? fmt::format(" {} ({})", why->status, http::escape_html(why->code)) : "";
    html += "</p>\n</section>\n";
    auto page = html_response(why ? why->status : 200, "log in", html);
    if (why) {
        page.headers.insert(page.headers.end(), why->headers.begin(), why->headers.end());
    }
    return page;
}

http::response logged_in_page(std::string_view token, std::string_view role) {
    return html_response(
        200, "log out",
        fmt::format(
            "<section>\n<h1>Logged in</h1>\n<p>With the token {}, as {}.</p>\n"
            "<form method=\"post\" action=\"/logout\"><button>Log out</button></form>\n"
            "</section>\n",
            http::escape_html(token), http::escape_html(role)));
}

} // namespace restpoint::api
