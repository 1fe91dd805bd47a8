// Reads what the service answers. Lenient: what is absent or of another type is empty, so that an
// older client reads a newer service. Pure.
#pragma once

#include "base/result.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::client {

/// Without control characters: it may be shown on a terminal.
[[nodiscard]] std::string text_in(const boost::json::object& of, std::string_view name);
/// Without control characters, what is no string left out.
[[nodiscard]] std::vector<std::string> texts_in(
    const boost::json::object& of, std::string_view name);
[[nodiscard]] std::optional<std::uint64_t> number_in(
    const boost::json::object& of, std::string_view name);
[[nodiscard]] std::optional<double> fraction_in(
    const boost::json::object& of, std::string_view name);
[[nodiscard]] bool is_true_in(const boost::json::object& of, std::string_view name);
[[nodiscard]] const boost::json::object& object_in(
    const boost::json::object& of, std::string_view name);
/// The objects of a list, what is none left out.
[[nodiscard]] std::vector<boost::json::object> objects_in(
    const boost::json::object& of, std::string_view name);

/// An `io` failure: the answer is not the `what` that was expected.
[[nodiscard]] failure strange_answer(std::string_view what);

[[nodiscard]] result<boost::json::object> parse_object(
    std::string_view json, std::string_view what);

} // namespace restpoint::client
