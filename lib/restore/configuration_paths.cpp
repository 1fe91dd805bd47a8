#include "restore/configuration_paths.hpp"

#include "base/file.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace fs = std::filesystem;

namespace restpoint::restore {
namespace {

constexpr std::size_t most_files = 1000; ///< an include may name what includes it again
constexpr std::string_view blanks = " \t\r";

std::string in_small_letters(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

/// The value at the beginning of `text`, up to its end or a comment.
std::string value_in(std::string_view text) {
    if (!text.starts_with('\'')) {
        return std::string(text.substr(0, text.find_first_of(" \t\r#")));
    }
    std::string out;
    for (std::size_t i = 1; i < text.size(); ++i) {
        const bool is_doubled = text[i] == '\'' && i + 1 < text.size() && text[i + 1] == '\'';
        const bool is_escaped = text[i] == '\\' && i + 1 < text.size();
        if (text[i] == '\'' && !is_doubled) {
            break;
        }
        i += is_doubled || is_escaped ? 1 : 0;
        out += text[i];
    }
    return out;
}

class search {
  public:
    search(const fs::path& folder, const fs::path& home) : folder_(folder), home_(home) {}

    [[nodiscard]] configuration_paths go() && {
        read("postgresql.conf");
        read("postgresql.auto.conf");
        return std::move(found_);
    }

  private:
    /// `file` is relative to the folder, like all paths here.
    void read(const fs::path& file) {
        if (known_.size() >= most_files || !known_.insert(file).second) {
            return;
        }
        const auto text = read_file(folder_ / file);
        for (const auto& line : text ? configured_values(*text) : std::vector<configured_value>()) {
            const auto path = inside(line.value, file.parent_path());
            if (line.name == "include" || line.name == "include_if_exists") {
                add(path);
                read(path);
            } else if (line.name == "include_dir") {
                add_folder(path);
            } else {
                add(inside(line.value, {})); // of a certificate: relative to the data directory
            }
        }
    }

    /// Empty for what lies elsewhere.
    [[nodiscard]] fs::path inside(const std::string& value, const fs::path& below) const {
        const fs::path named = value;
        const auto path = (named.is_absolute() ? named.lexically_relative(home_) : below / named)
                              .lexically_normal();
        const auto first = path.empty() ? std::string() : path.begin()->native();
        const bool is_elsewhere = path.is_absolute() || first == ".." || first == "." ||
                                  first == "base" || first == "global" || first.starts_with("pg_");
        return is_elsewhere ? fs::path() : path;
    }

    void add(const fs::path& path) {
        std::error_code none;
        if (!path.empty() && path.has_parent_path() && fs::is_regular_file(folder_ / path, none) &&
            std::find(found_.files.begin(), found_.files.end(), path) == found_.files.end()) {
            found_.files.push_back(path);
        }
    }

    void add_folder(const fs::path& path) {
        std::error_code none;
        if (path.empty() || !fs::is_directory(folder_ / path, none)) {
            return;
        }
        found_.folders.push_back(path);
        std::vector<fs::path> files;
        for (auto it = fs::directory_iterator(folder_ / path, none);
             !none && it != fs::directory_iterator(); it.increment(none)) {
            if (it->path().extension() == ".conf") {
                files.push_back(path / it->path().filename());
            }
        }
        std::sort(files.begin(), files.end());
        for (const auto& one : files) {
            add(one);
            read(one);
        }
    }

    const fs::path& folder_;
    const fs::path& home_;
    std::set<fs::path> known_ = {};
    configuration_paths found_ = {};
};

} // namespace

std::vector<configured_value> configured_values(std::string_view text) {
    std::vector<configured_value> found;
    while (!text.empty()) {
        auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
        const auto name = line.substr(0, line.find_first_of(" \t\r=#"));
        if (name.empty()) {
            continue;
        }
        line.remove_prefix(name.size());
        line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
        line.remove_prefix(line.starts_with('=') ? 1 : 0);
        line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
        found.push_back({in_small_letters(name), value_in(line)});
    }
    return found;
}

configuration_paths find_configuration_paths(const fs::path& folder, const fs::path& home) {
    return search(folder, home).go();
}

} // namespace restpoint::restore
