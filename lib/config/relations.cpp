#include "config/constraint.hpp"
#include "config/key.hpp"

#include <fmt/format.h>

namespace restpoint::config {
namespace {

using verdict = std::optional<objection>;

verdict asks_or_does_not(const settings& s) {
    if (s.auth.mode == auth_mode::token || s.auth.anonymous == anonymous_role::by_address) {
        return {};
    }
    return objection{
        "leave auth.anonymous out to let everybody do everything, or write auth.mode = \"token\"",
        "it says what callers without a token may do, but auth.mode = \"none\" makes "
        "everybody an admin"};
}

verdict stops_in_time(const settings& s) {
    if (s.shutdown.running_jobs == running_jobs::leave || s.jobs.stop_grace < s.shutdown.grace) {
        return {};
    }
    return objection{
        "make jobs.stop_grace_s shorter than shutdown.grace_s, so that a job which does not end "
        "by itself is killed and recorded before restpoint is gone",
        fmt::format(
            "jobs may take {} s to stop, but shutdown.grace_s allows {} s for everything",
            s.jobs.stop_grace.count(), s.shutdown.grace.count())};
}

} // namespace

std::span<const relation> relations() {
    static const std::vector<relation> table = {
        {{"auth.anonymous", "auth.mode"}, asks_or_does_not},
        {{"jobs.stop_grace_s", "shutdown.grace_s", "shutdown.running_jobs"}, stops_in_time}};
    return table;
}

} // namespace restpoint::config
