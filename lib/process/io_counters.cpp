#include "process/io_counters.hpp"

#include "base/file.hpp"
#include "process/process_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>
#include <system_error>
#include <utility>

namespace restpoint::process {

namespace {

constexpr std::size_t most_files = 64;
constexpr std::size_t largest_text = 1U << 20U;

} // namespace

std::optional<std::uint64_t> parse_bytes_read(std::string_view text) {
    constexpr std::string_view name = "rchar: ";
    const auto at = text.find(name);
    if (at == text.npos || (at > 0 && text[at - 1] != '\n')) {
        return std::nullopt;
    }
    text.remove_prefix(at + name.size());
    text = text.substr(0, text.find('\n'));
    std::uint64_t bytes = 0;
    const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
    if (error != std::errc{} || stopped != text.data() + text.size()) {
        return std::nullopt;
    }
    return bytes;
}

std::vector<pid_t> workers_of(pid_t parent) {
    const auto text = read_file(fmt::format("/proc/{0}/task/{0}/children", parent), largest_text);
    if (!text) {
        return children_of(parent); // a kernel without it, or the parent is gone
    }
    std::vector<pid_t> found;
    std::istringstream words(*text);
    for (pid_t pid = 0; words >> pid;) {
        found.push_back(pid);
    }
    return found;
}

std::vector<std::filesystem::path> open_files_of(pid_t pid) {
    std::vector<std::filesystem::path> found;
    std::error_code ec;
    std::filesystem::directory_iterator at(fmt::format("/proc/{}/fd", pid), ec);
    for (; !ec && at != std::filesystem::directory_iterator() && found.size() < most_files;
         at.increment(ec)) {
        std::error_code gone;
        auto target = std::filesystem::read_symlink(at->path(), gone);
        if (!gone && target.is_absolute()) {
            found.push_back(std::move(target));
        }
    }
    return found;
}

std::uint64_t read_counter::count(const std::vector<pid_t>& workers) {
    for (auto known = alive_.begin(); known != alive_.end();) {
        const auto here = known++;
        if (std::ranges::find(workers, here->first) == workers.end()) {
            ended_ += here->second;
            alive_.erase(here);
        }
    }
    std::uint64_t sum = ended_;
    for (const auto pid : workers) {
        const auto text = read_file(fmt::format("/proc/{}/io", pid), largest_text);
        const auto bytes = text ? parse_bytes_read(*text) : std::nullopt;
        auto& last = alive_[pid];
        last = std::max(last, bytes.value_or(0));
        sum += last;
    }
    return sum;
}

} // namespace restpoint::process
