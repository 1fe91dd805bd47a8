#include "api/json_members.hpp"

#include <boost/json/parse.hpp>

#include <fmt/format.h>

#include <utility>

namespace json = boost::json;

namespace restpoint::api {

failure bad_member(std::string_view name, std::string_view what, std::string hint) {
    return {errc::invalid, fmt::format("member '{}' {}", name, what), std::move(hint)};
}

result<json::object> parse_object(std::string_view body, const std::string& example) {
    if (body.empty()) {
        return json::object{};
    }
    boost::system::error_code error;
    auto parsed = json::parse(body, error);
    if (error) {
        return failure{
            errc::invalid, fmt::format("the body is not JSON: {}", error.message()), example};
    }
    if (!parsed.is_object()) {
        return failure{errc::invalid, "the body is not a JSON object", example};
    }
    return std::move(parsed.get_object());
}

result<std::optional<int>> repo_member(const json::value& value) {
    if (value.is_null()) {
        return std::optional<int>{};
    }
    if (!value.is_int64() || value.get_int64() < 1 || value.get_int64() > 256) {
        return bad_member(
            "repo", "is not a whole number from 1 to 256",
            "leave it out for what pgBackRest does without it");
    }
    return std::optional(static_cast<int>(value.get_int64()));
}

} // namespace restpoint::api
