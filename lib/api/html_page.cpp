#include "api/html_page.hpp"

#include "api/page_style.hpp"

#include <fmt/format.h>

namespace restpoint::api {

std::string page_begin(std::string_view title) {
    return fmt::format(
        R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{} · restpoint</title>
<style>{}</style>
</head>
<body>
<header><a class="name" href="/">restpoint</a> <a href="/pgBackRest/info">backups</a>
<a href="/pgBackRest/jobs">jobs</a> <a href="/pgBackRest/db_status">PostgreSQL</a></header>
)",
        http::escape_html(title), page_style());
}

std::string_view page_end() {
    return "</body>\n</html>\n";
}

std::string_view hide_running() {
    static const std::string element = fmt::format("<style>{}</style>\n", end_style());
    return element;
}

http::header_list page_headers() {
    return {{"Content-Security-Policy", content_security_policy()}};
}

http::response html_response(unsigned status, std::string_view title, std::string_view content) {
    auto body = page_begin(title);
    body += content;
    body += page_end();
    return {status, "text/html; charset=utf-8", page_headers(), std::move(body)};
}

http::response error_page(const http::problem& what, std::string_view more_html) {
    std::string content = "<section class=\"outcome bad\">\n<h1> Error </h1> <br/>\n";
    content += fmt::format("<p>{}</p>\n", with_breaks(what.detail));
    if (!what.hint.empty()) {
        content += fmt::format("<p class=\"hint\">{}</p>\n", with_breaks(what.hint));
    }
    content += fmt::format(
        "<p class=\"soft\">{} {} ({})</p>\n", what.status, http::escape_html(what.title),
        http::escape_html(what.code));
    content += more_html;
    content += "</section>\n";
    auto page = html_response(what.status, what.title, content);
    page.headers.insert(page.headers.end(), what.headers.begin(), what.headers.end());
    return page;
}

std::string button(std::string_view path, std::string_view token, std::string_view label) {
    return fmt::format(
        "<form method=\"post\" action=\"{}\"><input type=\"hidden\" name=\"token\" value=\"{}\">"
        "<button>{}</button></form>\n",
        http::escape_html(path), http::escape_html(token), http::escape_html(label));
}

std::string with_breaks(std::string_view text) {
    std::string html;
    for (const char c : http::escape_html(text)) {
        if (c == '\n') {
            html += "<br/>";
        }
        html += c;
    }
    return html;
}

} // namespace restpoint::api
