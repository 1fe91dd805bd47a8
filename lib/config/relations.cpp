#include "config/constraint.hpp"
#include "config/key.hpp"

#include <fmt/format.h>

namespace restpoint::config {
namespace {

using verdict = std::optional<objection>;

verdict open_to_the_network(const settings& s) {
    if (s.auth.mode == auth_mode::none || is_loopback(s.server.address)) {
        return {};
    }
    return objection{
        "listen on 127.0.0.1 or [::1], or write auth.mode = \"none\" to let everyone who reaches "
        "the address back up, restore and stop PostgreSQL",
        fmt::format(
            "{} can be reached from other machines, and nobody is asked who they are",
            to_string(endpoint{s.server.address, s.server.port}))};
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
        {{"server.listen", "auth.mode"}, open_to_the_network},
        {{"jobs.stop_grace_s", "shutdown.grace_s", "shutdown.running_jobs"}, stops_in_time}};
    return table;
}

} // namespace restpoint::config
