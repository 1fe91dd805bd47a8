// A folder for one test, with small files in it.
#pragma once

#include "base/file.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace restpoint::restore::test {

class temporary_folder {
  public:
    temporary_folder() {
        auto name = (std::filesystem::temp_directory_path() / "restpoint-restoreXXXXXX").native();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("cannot make a folder for the test");
        }
        path_ = std::filesystem::canonical(name);
    }
    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::filesystem::path operator/(std::string_view name) const {
        return path_ / name;
    }
    /// Makes the folders on the way to it, too.
    std::filesystem::path write(std::string_view name, std::string_view content) const {
        const auto file = path_ / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << content;
        return file;
    }
    /// The content; "(none)" where there is no such file.
    [[nodiscard]] std::string read(std::string_view name) const {
        const auto content = read_file(path_ / name);
        return content ? *content : "(none)";
    }

  private:
    std::filesystem::path path_ = {};
};

} // namespace restpoint::restore::test
