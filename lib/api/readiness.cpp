#include "api/readiness.hpp"

#include "api/json_text.hpp"
#include "base/utf8.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace json = boost::json;

namespace restpoint::api {

bool is_ready(const std::vector<readiness_check>& checks) {
    return std::ranges::none_of(checks, [](const auto& one) { return one.missing.has_value(); });
}

std::string readiness_text(const std::vector<readiness_check>& checks) {
    std::string out;
    for (const auto& one : checks) {
        if (!one.missing) {
            out += fmt::format("[+] {}\n", one.name);
            continue;
        }
        out += fmt::format("[-] {}: {}", one.name, scrub_utf8(one.missing->detail));
        out += one.missing->hint.empty() ? "\n"
                                         : fmt::format(" ({})\n", scrub_utf8(one.missing->hint));
    }
    return out + (is_ready(checks) ? "ready\n" : "not ready\n");
}

std::string readiness_json(const std::vector<readiness_check>& checks) {
    json::array reasons;
    for (const auto& one : checks) {
        if (one.missing) {
            json::object reason;
            reason["check"] = one.name;
            reason["code"] = json::string(to_string(one.missing->code));
            reason["detail"] = scrub_utf8(one.missing->detail);
            reason["hint"] = scrub_utf8(one.missing->hint);
            reasons.push_back(std::move(reason));
        }
    }
    json::object answer;
    answer["ready"] = is_ready(checks);
    answer["reasons"] = std::move(reasons);
    return to_text(answer);
}

} // namespace restpoint::api
