// Host, Origin, Sec-Fetch-*, Accept and the marks of a prefetch. An input is a line with the
// served names, a line with method and version, then one header a line.
#include "http/guard.hpp"
#include "http/reply.hpp"
#include "support/fuzz.hpp"

#include <boost/json/parse.hpp>

#include <array>

namespace http = restpoint::http;

namespace {

http::request read_request(dispenser& from) {
    constexpr std::array methods{
        http::method::get, http::method::head, http::method::post, http::method::delete_};
    http::request asked;
    const auto first = from.line();
    asked.verb = methods.at(first.size() % methods.size());
    asked.minor_version = first.ends_with('0') ? 0 : 1;
    asked.path = "/";
    while (!from.empty()) {
        const auto line = from.line();
        const auto colon = std::min(line.find(':'), line.size());
        auto value = line.substr(std::min(colon + 1, line.size()));
        value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
        asked.headers.emplace_back(lower(line.substr(0, colon)), value);
    }
    return asked;
}

void check_refusal(const http::refusal& why, const http::request& asked) {
    demand(why.status == 400 || why.status == 403 || why.status == 421, "a refusal has a status");
    demand(!why.code.empty() && !why.detail.empty() && !why.hint.empty(), "a refusal says why");
    http::problem said;
    said.status = why.status;
    said.code = why.code;
    said.detail = why.detail;
    said.hint = why.hint;
    const auto answer = http::to_response(said, asked);
    demand(is_utf8(answer.body), "an answer is UTF-8");
    if (answer.content_type == "application/problem+json") {
        demand(boost::json::parse(answer.body).is_object(), "a problem is JSON");
    } else {
        const auto inner = answer.body.substr(answer.body.find("<body>"));
        demand(inner.find("<script") == inner.npos, "nothing from outside becomes markup");
    }
}

bool names_an_address(std::string_view host) {
    return host.find_first_not_of("0123456789abcdefABCDEF:.[]") == host.npos;
}

/// Whoever passes brought one Host, and one that is served.
void check_passed(const http::request& asked, const http::guard_options& options) {
    const auto host = lower(asked.header("host").value_or(""));
    if (asked.minor_version == 0 && !asked.header("host")) {
        return;
    }
    auto name = host.substr(0, host.starts_with('[') ? host.find(']') + 1 : host.find(':'));
    if (name.ends_with('.')) {
        name.pop_back();
    }
    const bool listed = std::ranges::any_of(
        options.allowed_hosts, [&](const auto& allowed) { return lower(allowed) == name; });
    demand(listed || name == "localhost" || names_an_address(name), "only served hosts pass");
}

} // namespace

void probe(std::string_view input) {
    dispenser from(input);
    http::guard_options options;
    if (const auto name = from.line(); !name.empty()) {
        options.allowed_hosts.emplace_back(name);
    }
    auto asked = read_request(from);

    const auto refused = http::check_request(asked, options);
    const auto unchanged = http::check_change(asked);

    (void)http::is_unmarked_browser(asked);
    if (refused) {
        check_refusal(*refused, asked);
    } else {
        check_passed(asked, options);
    }
    if (unchanged) {
        check_refusal(*unchanged, asked);
    }
    demand(asked.verb != http::method::head || unchanged, "HEAD changes nothing");
    if (refused && refused->code == "cross_site") {
        demand(unchanged.has_value(), "what may not ask may not change");
    }

    asked.headers.emplace_back("sec-fetch-site", "cross-site");
    demand(http::check_change(asked).has_value(), "no header excuses a cross-site request");
    if (asked.verb != http::method::get) {
        demand(http::check_request(asked, options).has_value(), "only a followed link may ask");
    }
}
