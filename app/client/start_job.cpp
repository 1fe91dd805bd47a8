#include "client/start_job.hpp"

#include "client/report.hpp"
#include "client/terminal.hpp"
#include "client/values.hpp"
#include "client/watch.hpp"
#include "client/words.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

namespace restpoint::client {

exit_code start_job(const order& what, const door& to, http_request request) {
    const auto said = post(to, std::move(request));
    if (!said || !said->good()) {
        return said ? report_refusal(*said, what.what) : report_failure(said.error());
    }
    const auto started = parse_job(said->body);
    if (!started) {
        return report_failure(started.error());
    }
    if (what.wait) {
        return wait_for_end(what, to, *started);
    }
    if (what.json) {
        print_json(said->body);
    } else {
        fmt::print("{}\n", started->id);
        fmt::print(
            stderr, "{} goes on; 'restpoint logs {} --follow' shows it\n", name_of(*started),
            started->id);
    }
    return exit_code::good;
}

} // namespace restpoint::client
