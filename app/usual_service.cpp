#include "usual_service.hpp"

#include "configuration.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace restpoint {

client::usual_service usual_service() {
    const auto configured = load_configuration({});
    const auto& path = configured.loaded.values.server.unix_socket;
    struct stat about{};
    if (!configured.loaded.problems.empty() || path.empty() || ::stat(path.c_str(), &about) != 0 ||
        !S_ISSOCK(about.st_mode)) {
        return {};
    }
    const bool known = ::geteuid() == 0 || ::geteuid() == about.st_uid;
    return known ? client::usual_service{"unix:" + path, configured.loaded.values.pgbackrest.stanza}
                 : client::usual_service();
}

} // namespace restpoint
