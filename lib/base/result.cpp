#include "base/result.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <system_error>

namespace restpoint {

std::string_view to_string(errc code) {
    switch (code) {
    case errc::invalid:
        return "invalid";
    case errc::not_found:
        return "not_found";
    case errc::conflict:
        return "conflict";
    case errc::gone:
        return "gone";
    case errc::forbidden:
        return "forbidden";
    case errc::not_implemented:
        return "not_implemented";
    case errc::unavailable:
        return "unavailable";
    case errc::timed_out:
        return "timed_out";
    case errc::unusable_state:
        return "unusable_state";
    case errc::io:
        return "io";
    case errc::internal:
        return "internal";
    }
    // uncovered: every value has its case
    return "internal";
}

void throw_exception_from_error(const failure& what, const boost::source_location& where) {
    throw std::logic_error(fmt::format(
        "{}:{}: value() of a failure: {}: {}", where.file_name(), where.line(),
        to_string(what.code), what.detail));
}

failure system_failure(std::string_view what, int error_number, std::string hint) {
    return {
        errc::io, fmt::format("{}: {}", what, std::generic_category().message(error_number)),
        std::move(hint)};
}

} // namespace restpoint
