#include "jobs/data_size.hpp"

#include <algorithm>
#include <charconv>

namespace restpoint::jobs {

std::optional<std::filesystem::path> data_directory_of(const std::filesystem::path& file) {
    const std::string_view path = file.native();
    for (const std::string_view part : {"/base/", "/global/", "/pg_tblspc/"}) {
        if (const auto at = path.rfind(part); at != path.npos && at > 0) {
            return std::filesystem::path(path.substr(0, at));
        }
    }
    return std::nullopt;
}

std::int64_t copied_since(const job_spec& what, std::span<const backrest::stanza_info> stanzas) {
    if (what.type.value_or(backrest::backup_type::incr) == backrest::backup_type::full) {
        return 0;
    }
    const bool on_full = what.type == backrest::backup_type::diff;
    std::int64_t since = 0;
    for (const auto& stanza : stanzas) {
        if (stanza.name != what.stanza) {
            continue;
        }
        for (const auto& set : stanza.backups) {
            const bool fits =
                (!on_full || set.type == "full") && (!what.repo || set.repo == *what.repo);
            since = fits ? std::max(since, set.stop) : since;
        }
    }
    return since;
}

std::vector<std::string> find_sizes(
    const std::filesystem::path& data_directory, std::int64_t since) {
    const auto root = data_directory.native();
    std::vector<std::string> argv{"find", "-L", root, "("};
    // What pgBackRest itself leaves out, as far as it is large.
    for (const auto* left_out : {"pg_wal", "pg_replslot", "pg_subtrans", "pgsql_tmp*"}) {
        argv.insert(argv.end(), {"-name", left_out, "-o"});
    }
    argv.back() = ")";
    argv.insert(argv.end(), {"-prune", "-o", "-type", "f"});
    if (since > 0) {
        argv.insert(argv.end(), {"-newermt", "@" + std::to_string(since)});
    }
    argv.insert(argv.end(), {"-printf", "%s\\n"});
    return argv;
}

std::uint64_t sum_of_sizes(std::string_view printed) {
    std::uint64_t sum = 0;
    while (!printed.empty()) {
        const auto line = printed.substr(0, printed.find('\n'));
        std::uint64_t size = 0;
        if (std::from_chars(line.data(), line.data() + line.size(), size).ec == std::errc{}) {
            sum += size;
        }
        printed.remove_prefix(std::min(line.size() + 1, printed.size()));
    }
    return sum;
}

} // namespace restpoint::jobs
