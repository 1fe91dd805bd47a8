// JSON as people like to read it in a terminal: Boost.JSON writes 81.25 as 8.125E1, this
// writes 81.25. Pure.
#pragma once

#include <boost/json/value.hpp>

#include <string>

namespace restpoint::api {

/// The shortest text that reads back to the same value; numbers that JSON cannot hold (NaN,
/// infinities) become null.
[[nodiscard]] std::string to_text(const boost::json::value& value);

} // namespace restpoint::api
