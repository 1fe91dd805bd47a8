// When the tokens file is to be read again: when it is another than the last time, and when the
// last time the disk refused it. A refusal says nothing of what the file holds, and who was revoked
// in it must not stay in for that.
#pragma once

#include "auth/token_file.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>

namespace restpoint::auth {

class token_reader {
  public:
    using clock = std::chrono::steady_clock;
    using read_function = std::function<result<token_table>(const std::filesystem::path&)>;

    explicit token_reader(std::filesystem::path file, read_function read = read_token_file)
        : file_(std::move(file)), read_(std::move(read)) {}

    /// What the file holds, or why it cannot be told; none for what was told already. A refusal of the
    /// system (`io`) is tried again each time, and told once a minute. Blocking; the file is small.
    [[nodiscard]] std::optional<result<token_table>> look(clock::time_point now);

  private:
    std::filesystem::path file_;
    read_function read_;
    std::optional<file_mark> seen_ = {};
    std::optional<clock::time_point> refused_ = {}; ///< when a refusal was told last
};

} // namespace restpoint::auth
