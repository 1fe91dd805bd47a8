// The body of a request as an object whose members are all known: a misspelt one would be lost
// otherwise, and what it asked for with it. Pure.
#pragma once

#include "base/result.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace restpoint::api {

/// `invalid`: "member 'NAME' is …".
[[nodiscard]] failure bad_member(std::string_view name, std::string_view what, std::string hint);

/// The object that `body` is; an empty body is one without members. Fails with `invalid` and the
/// example as its hint.
[[nodiscard]] result<boost::json::object> parse_object(
    std::string_view body, const std::string& example);

/// A repo's number: 1 to 256; null is none.
[[nodiscard]] result<std::optional<int>> repo_member(const boost::json::value& value);

/// A member that a request of this kind may have, and what takes it up.
template <class Request>
struct json_member {
    std::string_view name;
    result<> (*take)(Request& asked, const boost::json::value& value);
};

/// Takes up every member of `from`; fails at the first that is not allowed or not as it must be.
template <class Request>
[[nodiscard]] result<> take_members(
    Request& asked, std::span<const json_member<Request>> allowed,
    const boost::json::object& from) {
    for (const auto& [name, value] : from) {
        const auto found =
            std::ranges::find(allowed, std::string_view(name), &json_member<Request>::name);
        if (found == allowed.end()) {
            std::string names;
            for (const auto& one : allowed) {
                names += names.empty() ? "" : ", ";
                names += one.name;
            }
            return bad_member(name, "is not known", "allowed: " + names);
        }
        if (auto taken = found->take(asked, value); !taken) {
            return taken;
        }
    }
    return {};
}

} // namespace restpoint::api
