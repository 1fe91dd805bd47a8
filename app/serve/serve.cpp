#include "serve/serve.hpp"

#include "base/log.hpp"
#include "serve/house.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <exception>

namespace asio = boost::asio;

namespace restpoint {

namespace {

/// The exit code for what another start cannot mend: the configuration, the command line.
constexpr int not_startable = 2;

/// Files that pgBackRest writes as root keep PostgreSQL's own archive-push out of the repo, and
/// archiving stops.
bool refuse_root() {
    if (::geteuid() != 0) {
        return false;
    }
    log::error(
        "restpoint must not run as root: files it makes in the repo would lock PostgreSQL out",
        {{"hint", "run it as the user that PostgreSQL runs as, usually postgres"}});
    return true;
}

/// A connection needs a descriptor, a job some more. The soft limit is a default that nobody chose:
/// it goes up to the hard one.
void raise_descriptor_limit(std::size_t max_connections) {
    constexpr std::size_t for_the_rest = 128;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return;
    }
    const auto wanted = max_connections + for_the_rest;
    if (limit.rlim_cur < wanted) {
        limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, wanted);
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur < wanted) {
        log::warn(
            "too few file descriptors for all the connections that the configuration allows",
            {{"limit", limit.rlim_cur},
             {"wanted", wanted},
             {"hint",
              "raise the limit (LimitNOFILE=, ulimit -n) or lower server.max_connections"}});
    }
}

} // namespace

int serve(const read_configuration& read) {
    hold_hangups();
    auto configured = read();
    if (!configured.loaded.problems.empty()) {
        report_problems(configured.loaded);
        return not_startable;
    }
    const auto settings = configured.loaded.values;
    log::start(settings.log);
    if (refuse_root()) {
        return 1;
    }
    raise_descriptor_limit(settings.server.max_connections);
    ::umask(0077);
    std::signal(SIGPIPE, SIG_IGN);

    asio::io_context loop{1};
    const auto built = house::build(loop, std::move(configured), read);
    if (!built) {
        log::error(built.error().detail, {{"hint", built.error().hint}});
        return built.error().code == errc::invalid ? not_startable : 1;
    }
    int exit_code = 0;
    std::exception_ptr failed;
    asio::co_spawn(
        loop, [&] { return (*built)->live(); },
        [&](std::exception_ptr ended, int code) {
            failed = std::move(ended);
            exit_code = code;
            loop.stop();
        });
    loop.run();
    if (failed) {
        std::rethrow_exception(failed);
    }
    return exit_code;
}

} // namespace restpoint
