// What pgBackRest says of a repo that it cannot reach or read: in brief, and what to do. Its exit code
// does not tell a bucket that is missing (39) from a wrong key (39), nor a wrong passphrase (29) from a
// damaged file; its words do. Pure.
#pragma once

#include <string>
#include <string_view>

namespace restpoint::backrest {

/// The message without the requests, headers and bytes of files that pgBackRest quotes: "HTTP request
/// failed with 404 (Not Found): NoSuchBucket: The specified bucket does not exist". Others as they are.
[[nodiscard]] std::string in_brief(std::string_view message);

/// What to do about it; empty for what is no trouble of a repo, or none that is known.
[[nodiscard]] std::string_view trouble_hint(std::string_view message);

} // namespace restpoint::backrest
