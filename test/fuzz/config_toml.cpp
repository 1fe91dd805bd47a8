// restpoint.toml. What is taken can be shown, and what is shown says the same; what is not taken is
// told with its line.
#include "config/assignment.hpp"
#include "config/load.hpp"
#include "config/render.hpp"
#include "support/fuzz.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <charconv>

namespace config = restpoint::config;

namespace {

/// A file that only this process has, under a path that load() can open.
class memory_file {
  public:
    memory_file() : fd_(::memfd_create("fuzz", 0)), path_("/proc/self/fd/" + std::to_string(fd_)) {
        demand(fd_ >= 0, "there is a file to write to");
    }
    ~memory_file() { ::close(fd_); }
    memory_file(const memory_file&) = delete;
    memory_file& operator=(const memory_file&) = delete;

    config::loaded load(std::string_view content) const {
        demand(::ftruncate(fd_, 0) == 0, "the file can be emptied");
        const auto written = ::pwrite(fd_, content.data(), content.size(), 0);
        demand(written == static_cast<ssize_t>(content.size()), "the file can be written");
        return config::load({.default_file = path_});
    }

    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    int fd_;
    std::string path_;
};

void check_problem(const config::problem& what, const std::string& path, std::size_t lines) {
    demand(!what.detail.empty() && !what.where.empty(), "a problem says where and what");
    demand(is_utf8(what.detail), "a problem is UTF-8", what.detail);
    demand(is_utf8(what.hint), "a hint is UTF-8", what.hint);
    demand(!has_control(what.detail), "a problem stands on one line", what.detail);
    demand(!has_control(what.hint), "a hint stands on one line", what.hint);
    if (what.where.starts_with(path + ":")) {
        std::size_t line = 0;
        const auto* const end = what.where.data() + what.where.size();
        const auto number = std::from_chars(what.where.data() + path.size() + 1, end, line);
        demand(number.ptr == end && line >= 1 && line <= lines, "a problem's line is in the file");
    }
}

/// Without the comments, which say where a value comes from.
std::string values_of(const config::loaded& what) {
    std::string out;
    for (const auto& row : config::keys()) {
        out += row.name + "=" + config::toml_text(row.get(what.values)) + "\n";
    }
    return out;
}

} // namespace

void probe(std::string_view input) {
    static const memory_file file;
    const auto what = file.load(input);
    const auto lines = static_cast<std::size_t>(std::ranges::count(input, '\n')) + 1;
    for (const auto& problem : what.problems) {
        check_problem(problem, file.path(), lines);
    }
    if (!what.problems.empty()) {
        return;
    }
    const auto shown = config::render_show(what);
    demand(is_utf8(shown), "what holds is UTF-8");
    if (shown.find("********") == shown.npos && what.values.schedules.empty()) {
        const auto again = file.load(shown);
        demand(again.problems.empty(), "what is shown can be read");
        demand(values_of(again) == values_of(what), "and says the same");
    }
}
