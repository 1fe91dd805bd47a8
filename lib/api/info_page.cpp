#include "api/info_page.hpp"

#include "api/html_page.hpp"
#include "api/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace restpoint::api {
namespace {

health health_of(backrest::info_state state) {
    using enum backrest::info_state;
    switch (state) {
    case ok:
        return health::good;
    case no_valid_backups:
    case different_across_repos:
        return health::warn;
    case missing_stanza_path:
    case missing_stanza_data:
    case database_mismatch:
    case backup_not_found:
    case other:
        return health::bad;
    case unknown:
        break;
    }
    return health::unknown;
}

/// Where repos differ, the stanza's own state does not say how bad the worst of them is.
health health_of(const backrest::stanza_info& stanza) {
    auto worst = health_of(stanza.status.state);
    for (const auto& repo : stanza.repos) {
        worst = std::max(worst, health_of(repo.status.state));
    }
    return worst;
}

std::string_view css_class(health found, bool stale) {
    switch (found) {
    case health::good:
        return stale ? "stale" : "good"; // what was good then may not be now
    case health::unknown:
        break;
    case health::warn:
        return "warn";
    case health::bad:
        return "bad";
    }
    return "unknown";
}

std::string age_html(const jobs::info_answer& known, wall_time now) {
    const auto age = duration_text(now - known.taken);
    if (known.stale) {
        return fmt::format(
            "<p class=\"hint\">pgBackRest does not answer right now; this is {} old (as of {})"
            "</p>\n",
            age, rfc3339(known.taken));
    }
    return fmt::format("<p class=\"soft\">as of {} ({} ago)</p>\n", rfc3339(known.taken), age);
}

} // namespace

health health_of(std::span<const backrest::stanza_info> stanzas) {
    if (stanzas.empty()) {
        return health::unknown;
    }
    auto worst = health::good;
    for (const auto& stanza : stanzas) {
        worst = std::max(worst, health_of(stanza));
    }
    return worst;
}

std::string info_html(const jobs::info_answer& known, wall_time now) {
    const auto found = health_of(known.stanzas);
    return fmt::format(
        "<section class=\"outcome {}\">\n<h1> Success </h1> <br/>\n{}{}</section>\n"
        "<section class=\"text\">{}</section>\n",
        css_class(found, known.stale),
        found == health::unknown ? "<p>the state of the backups is not known: read below what "
                                   "pgBackRest says</p>\n"
                                 : "",
        age_html(known, now), with_breaks(known.text));
}

std::shared_ptr<const http::frozen> info_page::get(
    std::shared_ptr<const jobs::info_answer> known, wall_time now) {
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - known->taken);
    if (!made_ || known != known_ || age != age_) {
        made_ = http::freeze(html_response(200, "backups", info_html(*known, now)));
        known_ = std::move(known);
        age_ = age;
    }
    return made_;
}

} // namespace restpoint::api
