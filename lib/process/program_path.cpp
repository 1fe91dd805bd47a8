#include "process/program_path.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace restpoint::process {

namespace {

std::string_view path_of(const std::vector<std::string>& environment) {
    constexpr std::string_view key = "PATH=";
    for (const std::string_view entry : environment) {
        if (entry.starts_with(key)) {
            return entry.substr(key.size());
        }
    }
    return "/usr/bin:/bin";
}

bool is_file(const std::string& path) {
    struct stat about{};
    return ::stat(path.c_str(), &about) == 0 && S_ISREG(about.st_mode);
}

} // namespace

result<std::string> find_program(
    const std::string& name, const std::vector<std::string>& environment) {
    if (name.find('/') != std::string::npos) {
        return name;
    }
    const auto path = path_of(environment);
    std::string forbidden;
    for (std::size_t at = 0; at <= path.size();) {
        const auto end = std::min(path.find(':', at), path.size());
        const auto folder = path.substr(at, end - at);
        at = end + 1;
        if (!folder.starts_with('/')) {
            continue;
        }
        auto candidate = fmt::format("{}/{}", folder, name);
        if (!is_file(candidate)) {
            continue;
        }
        if (::faccessat(AT_FDCWD, candidate.c_str(), X_OK, AT_EACCESS) == 0) {
            return candidate;
        }
        forbidden = std::move(candidate);
    }
    if (!forbidden.empty()) {
        return system_failure(
            fmt::format("cannot run '{}'", forbidden), EACCES, "check its permission bits");
    }
    return failure{
        errc::not_found, fmt::format("cannot find the program '{}' in PATH '{}'", name, path),
        "install it, or name it with its full path"};
}

} // namespace restpoint::process
