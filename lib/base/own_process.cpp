#include "base/own_process.hpp"

#include "base/file.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>
#include <string>

namespace restpoint {

namespace {

/// The fields of /proc/self/stat that a reader is after, numbered as in proc(5).
struct stat_fields {
    std::uint64_t start_ticks = 0;    // 22
    std::uint64_t virtual_bytes = 0;  // 23
    std::uint64_t resident_pages = 0; // 24
};

stat_fields read_stat_fields() {
    stat_fields found;
    const auto text = read_file("/proc/self/stat", 4096);
    const auto name_end = text ? text->rfind(')') : std::string::npos;
    if (name_end == std::string::npos) {
        return found;
    }
    std::istringstream words(text->substr(name_end + 1));
    std::string skipped;
    for (int field = 3; field < 22 && words >> skipped; ++field) {
    }
    words >> found.start_ticks >> found.virtual_bytes >> found.resident_pages;
    return found;
}

/// When the machine began, in seconds since 1970.
std::uint64_t boot_time() {
    const auto text = read_file("/proc/stat", 4U << 20U);
    const auto at = text ? text->find("\nbtime ") : std::string::npos;
    return at == std::string::npos ? 0 : std::strtoull(text->c_str() + at + 7, nullptr, 10);
}

double seconds(const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

std::uint64_t count_descriptors() {
    std::error_code ec;
    std::uint64_t count = 0;
    for (std::filesystem::directory_iterator at("/proc/self/fd", ec), end; !ec && at != end;
         at.increment(ec)) {
        ++count;
    }
    return count > 0 ? count - 1 : 0; // the one that lists them
}

} // namespace

own_process measure_own_process() {
    own_process found;
    rusage used{};
    if (::getrusage(RUSAGE_SELF, &used) == 0) {
        found.cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);
    }
    const auto fields = read_stat_fields();
    found.virtual_bytes = fields.virtual_bytes;
    found.resident_bytes =
        fields.resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    const auto ticks = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
    const std::chrono::milliseconds after_boot(fields.start_ticks * 1000 / ticks);
    found.started = wall_time(std::chrono::seconds(boot_time()) + after_boot);
    found.open_descriptors = count_descriptors();
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        found.most_descriptors = limit.rlim_cur;
    }
    return found;
}

} // namespace restpoint
