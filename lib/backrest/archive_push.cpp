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

std::vector<std::string> archive_get_argv(
    const invocation& how, int repo, const std::string& name, const std::filesystem::path& into) {
    return {
        how.binary,
        "--config=" + how.config.native(),
        "--stanza=" + how.stanza,
        "--repo=" + std::to_string(repo),
        "--log-level-console=off",
        "--log-level-stderr=error",
        "--log-level-file=off",
        "--no-archive-async",
        "archive-get",
        name,
        into.native()};
}

} // namespace restpoint::backrest
