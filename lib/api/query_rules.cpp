#include "api/query_rules.hpp"

#include "api/openapi.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace restpoint::api {

query_rules::query_rules() {
    for (const auto& one : described_routes()) {
        if (one.verb == http::method::get && one.pattern.starts_with("/api/v1/")) {
            names_.emplace(one.pattern, query_parameters_of(one));
        }
    }
}

std::optional<failure> query_rules::check(
    const http::request& asked, const http::route_outline& route) const {
    if (asked.query.empty() || route.verb != http::method::get) {
        return std::nullopt;
    }
    const auto rule = names_.find(route.pattern);
    if (rule == names_.end()) {
        return std::nullopt;
    }
    const auto& names = rule->second;
    for (const auto& [name, value] : asked.query) {
        if (std::ranges::find(names, name) == names.end()) {
            return failure{
                errc::invalid, fmt::format("there is no parameter '{}' here", name),
                names.empty() ? "this takes none"
                              : fmt::format("allowed: {}", fmt::join(names, ", "))};
        }
    }
    return std::nullopt;
}

} // namespace restpoint::api
