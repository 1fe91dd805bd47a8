#include "api/restore_commands.hpp"

#include "base/time_text.hpp"

#include <algorithm>

namespace restpoint::api {
namespace {

constexpr auto stop_first =
    "stop PostgreSQL first; the restore writes into its data directory, so keep a copy if there is "
    "any doubt. Afterwards start PostgreSQL and see that it leaves recovery";

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

/// As pgBackRest takes it: "2026-11-22 08:29:36.120+00".
std::string target_text(wall_time t) {
    auto text = rfc3339(t);
    text[10] = ' ';
    text.replace(text.size() - 1, 1, "+00");
    return text;
}

} // namespace

restore_advice advise_delta(const backrest::invocation& how) {
    return {shell(how, {"--delta"}), stop_first};
}

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

restore_advice advise_time(const backrest::invocation& how, const http::request& asked) {
    const auto target = parse_rfc3339(asked.parameter("target").value_or(""));
    if (!target) {
        // A target of "now" lies behind the last WAL, and PostgreSQL then refuses to start.
        return {
            shell(how, {"--delta", "--type=default"}),
            std::string("this recovers to the end of the archived WAL; for a point in time add "
                        "?target=2026-11-22T08:30:00Z to this address. ") +
                stop_first};
    }
    return {
        shell(
            how, {"--delta", "--type=time", "--target=" + target_text(*target),
                  "--target-action=promote"}),
        std::string("the target must lie between the end of a backup and the last archived WAL. ") +
            stop_first};
}

} // namespace restpoint::api
