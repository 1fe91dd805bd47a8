#include "client/completion_command.hpp"

#include "client/completion.hpp"
#include "client/door.hpp"
#include "client/exchange.hpp"
#include "client/exit_code.hpp"
#include "client/values.hpp"
#include "client/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <vector>

namespace restpoint::client {
namespace {

/// Somebody has pressed a key and waits.
constexpr patience short_one{std::chrono::milliseconds{300}, std::chrono::milliseconds{1000}};

constexpr const char* newest_jobs = "/api/v1/jobs?limit=50";

/// The suggestion for each of `all`; none when the answer was not understood.
template <class Value, class Suggest>
std::vector<suggestion> each(const result<std::vector<Value>>& all, Suggest suggest) {
    std::vector<suggestion> found;
    if (all) {
        for (const auto& one : *all) {
            found.push_back(suggest(one));
        }
    }
    return found;
}

std::vector<suggestion> jobs_in(const std::string& body, origin which) {
    auto all = parse_jobs(body);
    if (all && which == origin::live_jobs) {
        std::erase_if(
            *all, [](const job& one) { return one.state != "queued" && one.state != "running"; });
    }
    return each(all, [](const job& one) {
        return suggestion{one.id, fmt::format("{}, {}", name_of(one), one.state)};
    });
}

std::vector<suggestion> schedules_in(const std::string& body) {
    return each(
        parse_schedules(body), [](const schedule& one) { return suggestion{one.name, one.cron}; });
}

std::vector<suggestion> stanzas_in(const std::string& body) {
    return each(
        parse_stanzas(body), [](const stanza& one) { return suggestion{one.name, one.state}; });
}

/// What the service knows; nothing when it does not say it at once.
std::vector<suggestion> ask(const suggestions& what) {
    const auto to = door_of(what.so_far);
    if (!to) {
        return {};
    }
    http_request asked;
    asked.target = what.more == origin::stanzas     ? "/api/v1/stanzas"
                   : what.more == origin::schedules ? "/api/v1/schedules"
                                                    : newest_jobs;
    const auto said = exchange(*to, asked, {}, short_one);
    if (!said || !said->good()) {
        return {};
    }
    switch (what.more) {
    case origin::stanzas:
        return stanzas_in(said->body);
    case origin::schedules:
        return schedules_in(said->body);
    case origin::jobs:
    case origin::live_jobs:
    case origin::files:
    case origin::words:
    case origin::nowhere:
        break;
    }
    return jobs_in(said->body, what.more);
}

void print_word(const std::string& word, const std::string& about) {
    fmt::print("{}\t{}\n", word, about);
}

/// One word a line, behind a tab what it is; ":files" stands for the names of files.
void print_words(const suggestions& what) {
    for (const auto& one : what.words) {
        print_word(one.word, one.about);
    }
    if (what.more == origin::files) {
        print_word(":files", "");
    } else if (what.more != origin::nowhere) {
        for (const auto& one : ask(what)) {
            if (one.word.starts_with(what.typed)) {
                print_word(what.before + one.word, one.about);
            }
        }
    }
}

} // namespace

int run_completion(
    std::span<const std::string> arguments, std::span<const std::string> service_flags,
    const usual_service& usual) {
    const std::string shell = arguments.empty() ? "" : arguments.front();
    if (shell == "words") {
        auto found = suggest(arguments.subspan(1), service_flags);
        const auto url = variable("RESTPOINT_URL");
        const auto server = url.empty() ? usual.server : url;
        if (!server.empty() && found.so_far.server == order().server) {
            found.so_far.server = server;
        }
        print_words(found);
        return 0;
    }
    const auto script = completion_script(shell);
    if (script.empty() || arguments.size() > 1) {
        fmt::print(
            stderr, "restpoint: completion is there for bash and for zsh{}\n",
            shell.empty() ? "" : fmt::format(", and not for '{}'", fmt::join(arguments, " ")));
        fmt::print(stderr, "  'restpoint completion bash' prints the script\n");
        return static_cast<int>(exit_code::misused);
    }
    fmt::print("{}", script);
    return 0;
}

} // namespace restpoint::client
