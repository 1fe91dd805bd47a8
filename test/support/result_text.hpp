// Lets REQUIRE(result) and CHECK(result) say why there is no value. Include it wherever a result<T>
// stands in an assertion.
#pragma once

#include "base/result.hpp"
#include "support/catch.hpp"

#include <string>

namespace Catch {

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
