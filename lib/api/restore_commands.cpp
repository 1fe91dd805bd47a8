#include "api/restore_commands.hpp"

#include "base/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace restpoint::api {
namespace {

constexpr std::size_t longest_name = 63; // PostgreSQL, NAMEDATALEN less its end

std::string shell(const backrest::invocation& how, const std::vector<std::string>& options) {
    std::vector<std::string> argv{
        how.binary, "--config=" + how.config.native(), "--stanza=" + how.stanza};
    argv.insert(argv.end(), options.begin(), options.end());
    argv.emplace_back("restore");
    return backrest::to_shell(argv);
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= longest_name && scrub_utf8(text) == text &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F;
           });
}

} // namespace

result<std::vector<std::string>> database_names(const http::request& asked) {
    std::vector<std::string> names;
    for (const auto& [name, value] : asked.query) {
        if (name != "name") {
            continue;
        }
        if (!is_name(value)) {
            return failure{
                errc::invalid,
                fmt::format(
                    "parameter 'name' is '{}', which names no database",
                    presentable(value, longest_name)),
                "it is 1 to 63 bytes of UTF-8 without control characters"};
        }
        if (std::find(names.begin(), names.end(), value) == names.end()) {
            names.push_back(value);
        }
    }
    if (names.empty()) {
        return failure{
            errc::invalid, "parameter 'name' is missing",
            "say which database: ?name=NAME, once or repeated; every other one of the cluster "
            "would be emptied"};
    }
    return names;
}

std::string quoted_list(std::span<const std::string> names) {
    std::string text = names.size() == 1 ? "database " : "databases ";
    for (std::size_t i = 0; i < names.size(); ++i) {
        const bool last = i + 1 == names.size();
        text += fmt::format("{}'{}'", i == 0 ? "" : last ? " and " : ", ", names[i]);
    }
    return text;
}

restore_advice advise_databases(
    const backrest::invocation& how, std::span<const std::string> names) {
    std::vector<std::string> options;
    for (const auto& name : names) {
        options.push_back("--db-include=" + name);
    }
    options.insert(
        options.end(), {"--type=immediate", "--target-action=promote", "--archive-mode=off",
                        "--pg1-path=/path/to/an/empty/directory"});
    return {
        shell(how, options),
        "The button restores over the cluster itself. It can be undone, like every restore. "
        "Tablespaces need --tablespace-map-all in the command."};
}

} // namespace restpoint::api
