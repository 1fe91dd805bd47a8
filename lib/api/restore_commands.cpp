#include "api/restore_commands.hpp"

#include <algorithm>

namespace restpoint::api {
namespace {

std::string shell(const backrest::invocation& how, const std::vector<std::string>& options) {
    std::vector<std::string> argv{
        how.binary, "--config=" + how.config.native(), "--stanza=" + how.stanza};
    argv.insert(argv.end(), options.begin(), options.end());
    argv.emplace_back("restore");
    return backrest::to_shell(argv);
}

/// PostgreSQL's longest name is 63 bytes.
bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 63 && std::all_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F;
    });
}

} // namespace

restore_advice advise_databases(const backrest::invocation& how, const http::request& asked) {
    std::vector<std::string> options;
    for (const auto& [name, value] : asked.query) {
        if (name == "name" && is_name(value)) {
            options.push_back("--db-include=" + value);
        }
    }
    if (options.empty()) {
        options.emplace_back("--db-include=NAME");
    }
    options.insert(
        options.end(), {"--type=immediate", "--target-action=promote", "--archive-mode=off",
                        "--pg1-path=/path/to/an/empty/directory"});
    return {
        shell(how, options),
        "this form empties every other database, so the command restores into a directory of its "
        "own: start a server there on another port, and take the database out with pg_dump. Never "
        "run it over the data directory of the live server. Tablespaces need --tablespace-map-all"};
}

} // namespace restpoint::api
