// Inputs for load() and questions to what came out.
#pragma once

#include "config/load.hpp"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace restpoint::config {

/// A folder that is gone after the test.
class scratch_folder {
  public:
    scratch_folder() {
        std::string name = (std::filesystem::temp_directory_path() / "restpoint-XXXXXX").native();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("cannot make a folder for the test");
        }
        path_ = name;
    }
    ~scratch_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;

    std::string write(const std::string& name, const std::string& content) const {
        const auto path = path_ / name;
        std::ofstream(path, std::ios::binary) << content;
        return path.native();
    }
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

/// What load() makes of a default file with this content.
inline loaded load_file(const std::string& content) {
    const scratch_folder folder;
    inputs from;
    from.default_file = folder.write("r.toml", content);
    return load(from);
}

/// What load() makes of variables and flags without any file.
inline loaded load_without_file(
    const std::vector<std::string>& environment, const std::vector<std::string>& flags = {}) {
    return load({flags, environment, "/nonexistent/restpoint.toml"});
}

/// Every problem as text, one after the other.
inline std::string problems_of(const loaded& what) {
    std::string text;
    for (const auto& problem : what.problems) {
        text += to_string(problem) + "\n";
    }
    return text;
}

/// Every key's value; what two configurations are compared by.
inline std::vector<value> values_of(const settings& s) {
    std::vector<value> all;
    for (const auto& row : keys()) {
        all.push_back(row.get(s));
    }
    return all;
}

} // namespace restpoint::config
