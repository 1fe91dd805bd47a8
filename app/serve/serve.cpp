#include "serve/serve.hpp"

#include "base/log.hpp"
#include "serve/house.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <exception>

namespace asio = boost::asio;

namespace restpoint {

namespace {

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

} // namespace

int serve(const config::settings& settings) {
    log::start(settings.log);
    if (refuse_root()) {
        return 1;
    }
    ::umask(0077);
    std::signal(SIGPIPE, SIG_IGN);

    asio::io_context loop{1};
    const auto built = house::build(loop, settings);
    if (!built) {
        log::error(built.error().detail, {{"hint", built.error().hint}});
        return 1;
    }
    std::exception_ptr failed;
    asio::co_spawn(
        loop, [&] { return (*built)->live(); },
        [&](std::exception_ptr ended) {
            failed = std::move(ended);
            loop.stop();
        });
    loop.run();
    if (failed) {
        std::rethrow_exception(failed);
    }
    return 0;
}

} // namespace restpoint
