#include "backrest/archive_push.hpp"

namespace restpoint::backrest {

std::vector<std::string> archive_push_argv(
    const invocation& how, const std::filesystem::path& segment) {
    return {
        how.binary,
        "--config=" + how.config.native(),
        "--stanza=" + how.stanza,
        "--log-level-console=off",
        "--log-level-stderr=error",
        "--log-level-file=off",
        "--no-archive-async",
        "archive-push",
        segment.native()};
}

} // namespace restpoint::backrest
