#include "client/json_members.hpp"

#include "base/utf8.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

namespace json = boost::json;

namespace restpoint::client {
namespace {

std::string shown(const json::value& what) {
    const std::string_view value = what.get_string();
    return presentable(value, value.size());
}

const json::array& array_in(const json::object& of, std::string_view name) {
    static const json::array none;
    const auto* const found = of.if_contains(name);
    return found != nullptr && found->is_array() ? found->get_array() : none;
}

} // namespace

std::string text_in(const json::object& of, std::string_view name) {
    const auto* const found = of.if_contains(name);
    return found != nullptr && found->is_string() ? shown(*found) : std::string();
}

std::vector<std::string> texts_in(const json::object& of, std::string_view name) {
    std::vector<std::string> all;
    for (const auto& one : array_in(of, name)) {
        if (one.is_string()) {
            all.push_back(shown(one));
        }
    }
    return all;
}

std::optional<std::uint64_t> number_in(const json::object& of, std::string_view name) {
    const auto* const found = of.if_contains(name);
    if (found == nullptr || !found->is_number()) {
        return std::nullopt;
    }
    boost::system::error_code misfit;
    const auto value = found->to_number<std::uint64_t>(misfit);
    return misfit ? std::nullopt : std::optional(value);
}

std::optional<double> fraction_in(const json::object& of, std::string_view name) {
    const auto* const found = of.if_contains(name);
    return found != nullptr && found->is_number() ? std::optional(found->to_number<double>())
                                                  : std::nullopt;
}

bool is_true_in(const json::object& of, std::string_view name) {
    const auto* const found = of.if_contains(name);
    return found != nullptr && found->is_bool() && found->get_bool();
}

const json::object& object_in(const json::object& of, std::string_view name) {
    static const json::object none;
    const auto* const found = of.if_contains(name);
    return found != nullptr && found->is_object() ? found->get_object() : none;
}

std::vector<json::object> objects_in(const json::object& of, std::string_view name) {
    std::vector<json::object> all;
    for (const auto& one : array_in(of, name)) {
        if (one.is_object()) {
            all.push_back(one.get_object());
        }
    }
    return all;
}

failure strange_answer(std::string_view what) {
    return {
        errc::io, "the service's answer is no " + std::string(what),
        "is it restpoint that answers there, and not a much newer one?"};
}

result<json::object> parse_object(std::string_view json, std::string_view what) {
    boost::system::error_code error;
    auto value = json::parse(json, error);
    if (error || !value.is_object()) {
        return strange_answer(what);
    }
    return std::move(value.get_object());
}

} // namespace restpoint::client
