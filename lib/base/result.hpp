// Expected failure is a value. A function that can fail for a reason the caller should handle
// returns result<T>; broken invariants stay exceptions and are caught in main, task_group and
// request dispatch only.
#pragma once

#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace restpoint {

/// What kind of failure it is: decides the HTTP status and what a caller may try. The text is for
/// people.
enum class errc {
    invalid,         ///< a value that can never be right
    not_found,       ///< no such job, stanza, file
    conflict,        ///< right, but not now: something is in the way
    gone,            ///< was there, retention took it
    forbidden,       ///< this caller may not
    not_implemented, ///< comes with a later version
    unavailable,     ///< a thing outside (PostgreSQL, repo, disk) does not answer
    timed_out,       ///< did not end within its deadline
    unusable_state,  ///< the state directory cannot be trusted or written
    io,              ///< the operating system refused
    internal         ///< a defect of ours
};

/// The stable name of a code, as it stands in API answers ("not_found").
[[nodiscard]] std::string_view to_string(errc code);

/// Why something did not happen. `detail` says what, which and the value, in lower case; `hint`
/// says what to do, and may be empty.
struct failure {
    errc code = errc::internal;
    std::string detail;
    std::string hint = {};

    friend bool operator==(const failure&, const failure&) = default;
};

/// Called by result<T>::value() on a failure: asking for a value that is not there is a defect, so
/// it throws.
[[noreturn]] void throw_exception_from_error(
    const failure& what, const boost::source_location& where);

template <class T = void>
using result = boost::system::result<T, failure>;

/// An `io` failure with the text of `error_number` (errno) behind `what`: "cannot open '/x':
/// Permission denied".
[[nodiscard]] failure system_failure(
    std::string_view what, int error_number, std::string hint = {});

} // namespace restpoint
