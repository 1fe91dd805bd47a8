// Whether restpoint can do its work: answer, and start jobs. That a backup is old or bad is no part
// of it: whoever takes a service away that is not ready would take it away when it is needed most.
// Pure.
#pragma once

#include "base/result.hpp"

#include <optional>
#include <string>
#include <vector>

namespace restpoint::api {

struct readiness_check {
    std::string name = {};               ///< "store"
    std::optional<failure> missing = {}; ///< why it does not hold
};

[[nodiscard]] bool is_ready(const std::vector<readiness_check>& checks);

/// A line for each: "[+] store", "[-] store: why (what to do)", and a last one that says the whole.
[[nodiscard]] std::string readiness_text(const std::vector<readiness_check>& checks);

/// {"ready": false, "reasons": [{"check", "code", "detail", "hint"}]}: what does not hold.
[[nodiscard]] std::string readiness_json(const std::vector<readiness_check>& checks);

} // namespace restpoint::api
