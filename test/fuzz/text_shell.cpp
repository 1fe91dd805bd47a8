// What a page offers to paste into a shell: a shell reads exactly the words that were meant.
#include "api/restore_commands.hpp"
#include "backrest/command.hpp"
#include "http/target.hpp"
#include "support/fuzz.hpp"

#include <optional>
#include <vector>

namespace api = restpoint::api;
namespace backrest = restpoint::backrest;
namespace http = restpoint::http;

namespace {

/// The words of a line as sh(1) splits it; none where anything but words and quotes stands in it.
std::optional<std::vector<std::string>> split_as_shell(std::string_view line) {
    std::vector<std::string> words(1);
    for (std::size_t at = 0; at < line.size(); ++at) {
        const char c = line[at];
        if (c == ' ') {
            words.emplace_back();
        } else if (c == '\'') {
            const auto end = line.find('\'', at + 1);
            if (end == line.npos) {
                return std::nullopt;
            }
            words.back() += line.substr(at + 1, end - at - 1);
            at = end;
        } else if (c == '\\') {
            words.back() += line.substr(++at, 1);
        } else if (
            std::string_view("|&;<>()$`\"\t\n*?[]#~%{}!^").find(c) != std::string_view::npos) {
            return std::nullopt;
        } else {
            words.back() += c;
        }
    }
    return words;
}

} // namespace

void probe(std::string_view input) {
    std::vector<std::string> words;
    for (dispenser from(input); !from.empty();) {
        words.emplace_back(from.line());
    }
    if (!words.empty()) {
        demand(split_as_shell(backrest::to_shell(words)) == words, "a shell reads the same words");
    }

    http::request asked;
    if (const auto pairs = http::parse_form(input)) {
        asked.query = *pairs;
    }
    if (const auto names = api::database_names(asked)) {
        const auto advice = api::advise_databases({}, *names);
        const auto read = split_as_shell(advice.command);
        demand(read.has_value(), "a command is nothing but words");
        demand(read->front() == "pgbackrest" && read->back() == "restore", "of a restore");
        for (std::size_t i = 1; i + 1 < read->size(); ++i) {
            demand(read->at(i).starts_with("--"), "whose other words are options");
        }
        demand(!has_control(advice.command), "on one line");
    }
}
