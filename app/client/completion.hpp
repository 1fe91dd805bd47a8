// Which words may stand at the end of a command line that is being typed. Pure; what only the
// service knows is named, and asked for by completion_command.cpp.
#pragma once

#include "client/command_table.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::client {

struct suggestion {
    std::string word = {};  ///< as it would stand there, whole
    std::string about = {}; ///< may be empty

    friend bool operator==(const suggestion&, const suggestion&) = default;
};

struct suggestions {
    std::vector<suggestion> words = {};
    origin more = origin::nowhere; ///< whose words may stand there too
    std::string before = {};       ///< what stands in front of each of those: "--stanza="
    std::string typed = {};        ///< what they begin with, behind `before`
    order so_far = {};             ///< for whom to ask, and where
};

/// `line` is what stands behind "restpoint"; its last word is the one being typed, and may be
/// empty. `service_flags` are those of `serve` and its like, such as "--server.listen=".
[[nodiscard]] suggestions suggest(
    std::span<const std::string> line, std::span<const std::string> service_flags);

/// "bash" or "zsh"; empty for another shell.
[[nodiscard]] std::string_view completion_script(std::string_view shell);

} // namespace restpoint::client
