#include "api/parameters.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/algorithm/string/trim.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace restpoint::api {
namespace {

failure bad(std::string_view name, std::string_view value, std::string hint) {
    return {
        errc::invalid, fmt::format("parameter '{}' is '{}', which it cannot be", name, value),
        std::move(hint)};
}

/// Calls `use` with each of the pieces between `separator`s.
template <class Use>
void each_piece(std::string_view text, char separator, Use use) {
    for (;;) {
        const auto end = text.find(separator);
        use(text.substr(0, end));
        if (end == text.npos) {
            return;
        }
        text.remove_prefix(end + 1);
    }
}

bool prefers_wait(std::string_view header) {
    bool found = false;
    each_piece(header, ',', [&](std::string_view preference) {
        const auto name =
            boost::algorithm::trim_copy(preference.substr(0, preference.find_first_of(";=")));
        found = found || boost::algorithm::iequals(name, "wait");
    });
    return found;
}

} // namespace

std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stopped != end) {
        return std::nullopt;
    }
    return value;
}

std::optional<jobs::job_id> parse_job_id(std::string_view text) {
    jobs::job_id id = 0;
    const auto* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, id);
    if (error != std::errc{} || stopped != end || id <= 0 || text.front() == '0') {
        return std::nullopt;
    }
    return id;
}

result<bool> flag_parameter(const http::request& asked, std::string_view name) {
    const auto value = asked.parameter(name);
    if (!value) {
        return false;
    }
    if (value->empty() || *value == "true" || *value == "1") {
        return true;
    }
    if (*value == "false" || *value == "0") {
        return false;
    }
    return bad(name, *value, "allowed: true, false");
}

result<std::optional<backrest::log_level>> level_parameter(const http::request& asked) {
    const auto value = asked.parameter("level");
    if (!value) {
        return std::optional<backrest::log_level>{};
    }
    const auto level = backrest::parse_log_level(*value);
    if (!level) {
        return bad("level", *value, "allowed: error, warn, info, detail, debug, trace");
    }
    return level;
}

result<page_wish> page_of(const http::request& asked) {
    page_wish page;
    if (const auto limit = asked.parameter("limit")) {
        const auto number = parse_number(*limit);
        if (!number || *number < 1 || *number > 500) {
            return bad("limit", *limit, "allowed: 1 to 500");
        }
        page.limit = static_cast<int>(*number);
    }
    if (const auto cursor = asked.parameter("cursor")) {
        page.before = parse_job_id(*cursor);
        if (!page.before) {
            return bad("cursor", *cursor, "take next_cursor of the answer before this one");
        }
    }
    return page;
}

result<jobs::job_filter> job_filter_of(const http::request& asked) {
    jobs::job_filter filter;
    if (const auto state = asked.parameter("state")) {
        filter.state = jobs::parse_job_state(*state);
        if (!filter.state) {
            return bad(
                "state", *state,
                "allowed: queued, running, succeeded, failed, cancelled, interrupted");
        }
    }
    if (const auto kind = asked.parameter("kind")) {
        filter.kind = jobs::parse_job_kind(*kind);
        if (!filter.kind) {
            return bad(
                "kind", *kind,
                "allowed: backup, stanza-create, check, verify, expire, stanza-upgrade, annotate");
        }
    }
    if (const auto stanza = asked.parameter("stanza")) {
        filter.stanza = std::string(*stanza);
    }
    const auto page = page_of(asked);
    if (!page) {
        return page.error();
    }
    filter.limit = page->limit;
    filter.before = page->before;
    return filter;
}

result<bool> wants_to_wait(const http::request& asked) {
    if (asked.parameter("wait")) {
        return flag_parameter(asked, "wait");
    }
    return prefers_wait(asked.header("prefer").value_or(""));
}

std::optional<std::chrono::seconds> preferred_wait(const http::request& asked) {
    std::optional<std::chrono::seconds> found;
    const auto take = [&found](std::string_view preference) {
        preference = preference.substr(0, preference.find(';'));
        const auto equals = std::min(preference.find('='), preference.size());
        const auto name = boost::algorithm::trim_copy(preference.substr(0, equals));
        if (found || equals == preference.size() || !boost::algorithm::iequals(name, "wait")) {
            return;
        }
        auto text = boost::algorithm::trim_copy(preference.substr(equals + 1));
        if (text.size() > 2 && text.front() == '"' && text.back() == '"') {
            text = text.substr(1, text.size() - 2);
        }
        if (const auto number = parse_number(text)) {
            const auto most = static_cast<std::uint64_t>(longest_preferred_wait.count());
            found = std::chrono::seconds{std::min(*number, most)};
        }
    };
    for (const auto& [name, value] : asked.headers) {
        if (name == "prefer") {
            each_piece(value, ',', take);
        }
    }
    return found;
}

std::string_view form_field(std::string_view body, std::string_view name) {
    std::string_view value;
    each_piece(body, '&', [&](std::string_view pair) {
        const auto equals = pair.find('=');
        if (value.empty() && equals != pair.npos && pair.substr(0, equals) == name) {
            value = pair.substr(equals + 1);
        }
    });
    return value;
}

} // namespace restpoint::api
