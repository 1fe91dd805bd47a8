#include "http/router.hpp"

#include "http/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string_view>

namespace asio = boost::asio;

namespace restpoint::http {
namespace {

bool is_name(std::string_view segment) {
    return segment.size() > 2 && segment.starts_with('{') && segment.ends_with('}');
}

std::vector<std::string> split(std::string_view path) {
    std::vector<std::string> segments;
    auto rest = path.substr(1);
    while (!rest.empty()) {
        segments.emplace_back(cut_at(rest, '/'));
    }
    return segments;
}

/// Whether the pattern fits; `literal` tells for each segment whether it was matched by its text.
bool fits(
    const std::vector<std::string>& pattern, const std::vector<std::string>& path,
    std::vector<bool>& literal) {
    if (pattern.size() != path.size()) {
        return false;
    }
    literal.clear();
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const bool same = pattern[i] == path[i];
        if (!same && !is_name(pattern[i])) {
            return false;
        }
        literal.push_back(same && !is_name(pattern[i]));
    }
    return true;
}

path_values bind(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
    path_values values;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (is_name(pattern[i])) {
            values.emplace(pattern[i].substr(1, pattern[i].size() - 2), path[i]);
        }
    }
    return values;
}

std::string allow(const std::set<method>& verbs) {
    std::string out;
    const auto add = [&out](method verb) {
        out += out.empty() ? "" : ", ";
        out += to_string(verb);
    };
    for (const auto verb : verbs) {
        add(verb);
        if (verb == method::get && !verbs.contains(method::head)) {
            add(method::head);
        }
    }
    if (!verbs.contains(method::options)) {
        add(method::options);
    }
    return out;
}

response not_routed(const request& asked, const std::set<method>& verbs) {
    if (verbs.empty()) {
        problem what{404, "not_found"};
        what.detail = fmt::format("there is nothing at '{}'", asked.path);
        return to_response(what, asked);
    }
    if (asked.verb == method::options) {
        return {204, "", {{"Allow", allow(verbs)}}};
    }
    problem what{405, "method_not_allowed"};
    what.detail = fmt::format("'{}' does not take this method", asked.path);
    what.hint = "use " + allow(verbs);
    what.headers.emplace_back("Allow", allow(verbs));
    return to_response(what, asked);
}

} // namespace

std::string_view to_string(access who) {
    switch (who) {
    case access::open:
        return "open";
    case access::viewer:
        return "viewer";
    case access::operate:
        return "operator";
    case access::admin:
        break;
    }
    return "admin";
}

void router::add(method verb, access who, std::string pattern, route_handler handle) {
    const auto same = [&](const route& r) { return r.verb == verb && r.pattern == pattern; };
    if (!pattern.starts_with('/') || std::any_of(routes_.begin(), routes_.end(), same)) {
        throw std::logic_error(
            fmt::format("the route {} '{}' is malformed or twice there", to_string(verb), pattern));
    }
    auto segments = split(pattern);
    routes_.push_back({{verb, who, std::move(pattern)}, std::move(segments), std::move(handle)});
}

asio::awaitable<reply> router::dispatch(request& asked) const {
    const auto path = split(asked.path);
    const route* chosen = nullptr;
    std::vector<bool> best;
    std::vector<bool> literal;
    std::set<method> verbs;
    for (const auto& candidate : routes_) {
        if (!fits(candidate.segments, path, literal)) {
            continue;
        }
        verbs.insert(candidate.verb);
        const bool answers = candidate.verb == asked.verb ||
                             (candidate.verb == method::get && asked.verb == method::head);
        // Text beats a name, from the left; a HEAD route of its own beats the GET route.
        const bool better = chosen == nullptr || literal > best ||
                            (literal == best && candidate.verb == asked.verb);
        if (answers && better) {
            chosen = &candidate;
            best = literal;
        }
    }
    if (chosen == nullptr) {
        co_return not_routed(asked, verbs);
    }
    if (gate_) {
        if (auto refused = gate_(asked, *chosen)) {
            co_return std::move(*refused);
        }
    }
    const auto values = bind(chosen->segments, path);
    auto pending = chosen->handle(asked, values);
    auto answer = co_await std::move(pending);
    co_return answer;
}

std::vector<route_outline> router::routes() const {
    std::vector<route_outline> all;
    all.reserve(routes_.size());
    for (const auto& r : routes_) {
        all.push_back({r.verb, r.who, r.pattern});
    }
    return all;
}

} // namespace restpoint::http
