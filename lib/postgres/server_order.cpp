#include "postgres/server_order.hpp"

#include "base/utf8.hpp"

#include <boost/json.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace json = boost::json;

namespace restpoint::postgres {

namespace {

constexpr std::array<std::pair<std::string_view, server_errand>, 3> errands{
    {{"start", server_errand::start},
     {"stop", server_errand::stop},
     {"restart", server_errand::restart}}};

failure no_order() {
    return {errc::invalid, "this is no order to start or stop PostgreSQL", ""};
}

} // namespace

result<stop_mode> parse_stop_mode(std::string_view text) {
    if (text == "fast") {
        return stop_mode::fast;
    }
    if (text == "immediate") {
        return stop_mode::immediate;
    }
    constexpr std::size_t shown = 50;
    return failure{
        errc::invalid, fmt::format("'{}' is no mode of a stop", presentable(text, shown)),
        "allowed: fast, immediate"};
}

std::string to_json(const server_order& what) {
    const auto* const named =
        std::ranges::find(errands, what.what, [](const auto& errand) { return errand.second; });
    return json::serialize(json::object{
        {"do", named->first}, {"mode", what.mode == stop_mode::fast ? "fast" : "immediate"}});
}

result<server_order> parse_server_order(std::string_view json) {
    boost::system::error_code error;
    const auto parsed = json::parse(json, error);
    const auto* const object = error ? nullptr : parsed.if_object();
    const auto* const word = object != nullptr ? object->if_contains("do") : nullptr;
    const auto* const mode = object != nullptr ? object->if_contains("mode") : nullptr;
    if (word == nullptr || mode == nullptr || !word->is_string() || !mode->is_string()) {
        return no_order();
    }
    const auto* const errand = std::ranges::find(
        errands, std::string_view(word->get_string()), [](const auto& e) { return e.first; });
    const auto how = parse_stop_mode(mode->get_string());
    if (errand == errands.end() || !how) {
        return no_order();
    }
    return server_order{errand->second, *how};
}

} // namespace restpoint::postgres
