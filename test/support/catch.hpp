// Catch2 2 (Debian 12) and 3 (Debian 13) under one name, and what a result<T> looks like in it.
#pragma once

#include "base/result.hpp"

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>

using Catch::Approx;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
#else
#include <catch2/catch.hpp>

using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

inline auto ContainsSubstring(const std::string& text) {
    return Catch::Matchers::Contains(text);
}
#endif

#include <string>

namespace Catch {

/// Lets CHECK(result) say why there is no value. Without it Boost's operator<< is chosen, which
/// wants one of the value and one of the failure, and does not compile.
template <class T>
struct StringMaker<boost::system::result<T, restpoint::failure>> {
    static std::string convert(const boost::system::result<T, restpoint::failure>& shown) {
        if (shown) {
            return "a value";
        }
        return std::string(to_string(shown.error().code)) + ": " + shown.error().detail;
    }
};

} // namespace Catch
