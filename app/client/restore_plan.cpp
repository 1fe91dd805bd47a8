#include "client/restore_plan.hpp"

#include "client/json_members.hpp"
#include "client/words.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace json = boost::json;

namespace restpoint::client {
namespace {

/// What the service says of requests, as a person at a command line does it.
std::string at_command_line(std::string text) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> said{{
        {"GET /api/v1/stanzas/NAME/window", "'restpoint window'"},
        {"GET /api/v1/stanzas/NAME/backups", "'restpoint info'"},
        {"POST /api/v1/stanzas/NAME/backups", "restpoint backup"},
        {"GET /api/v1/stanzas", "'restpoint info'"},
    }};
    for (const auto& [request, command] : said) {
        if (const auto at = text.find(request); at != text.npos) {
            text.replace(at, request.size(), command);
        }
    }
    return text;
}

class page {
  public:
    void line(std::string_view name, std::string_view value) {
        if (!value.empty()) {
            text += fmt::format("  {:<9} {}\n", name, value);
        }
    }
    std::string text = {};
};

std::string target_words(const restore_plan& what) {
    if (what.target_type == "latest") {
        return "the end of the WAL";
    }
    if (what.target_type == "immediate") {
        return "the end of the backup";
    }
    return what.target_type == "time" ? what.target_value
                                      : fmt::format("{} {}", what.target_type, what.target_value);
}

std::string set_words(const restore_plan& what) {
    if (what.set.empty()) {
        return "none";
    }
    return what.repo ? fmt::format("{} in repo {}", what.set, *what.repo) : what.set;
}

std::string writing_words(const restore_plan& what) {
    if (!what.bytes) {
        return {};
    }
    auto text = size_words(*what.bytes);
    if (!what.data_directory.empty()) {
        text += fmt::format(
            " {} {}",
            what.way == "in_place" ? "over"
            : what.way == "beside" ? "beside"
                                   : "for",
            what.data_directory);
    }
    return what.free_bytes ? fmt::format("{}, {} are free", text, size_words(*what.free_bytes))
                           : text;
}

std::string time_needed(const restore_plan& what) {
    if (!what.expected_seconds) {
        return "not known: no restore has been made yet that would tell";
    }
    auto text = fmt::format("about {}", span_words(static_cast<double>(*what.expected_seconds)));
    if (what.expected_downtime_seconds) {
        text += fmt::format(
            ", of which the server is down for about {}",
            span_words(static_cast<double>(*what.expected_downtime_seconds)));
    }
    return text;
}

std::string loss_words(const restore_plan& what) {
    std::string text;
    if (!what.lost_from.empty()) {
        text = fmt::format("commits after {}", what.lost_from);
        if (!what.lost_until.empty()) {
            text += fmt::format(", up to {}", what.lost_until);
        }
    }
    if (what.lost_wal) {
        text += fmt::format("{}{} of WAL", text.empty() ? "" : ": ", size_words(*what.lost_wal));
    }
    return text;
}

void add_refusals(page& to, const restore_plan& what) {
    for (const auto& why : what.refusals) {
        to.line("refused", fmt::format("{} ({})", why.message, why.code));
        to.line("", at_command_line(why.hint));
        if (why.can_be_acknowledged) {
            to.line("", fmt::format("--acknowledge={} says that you know", why.code));
        }
    }
}

} // namespace

result<restore_plan> parse_plan(std::string_view json) {
    const auto from = parse_object(json, "plan");
    if (!from) {
        return from.error();
    }
    restore_plan made;
    made.id = text_in(*from, "id");
    made.digest = text_in(*from, "digest");
    made.stanza = text_in(*from, "stanza");
    const auto& target = object_in(*from, "target");
    made.target_type = text_in(target, "type");
    made.target_value = text_in(target, "value");
    made.can_be_carried_out = is_true_in(*from, "can_be_carried_out");
    made.set = text_in(*from, "set");
    made.repo = number_in(*from, "repo");
    made.timeline = number_in(*from, "timeline");
    made.wal_from = text_in(object_in(*from, "wal"), "from");
    made.wal_to = text_in(object_in(*from, "wal"), "to");
    made.bytes = number_in(*from, "bytes");
    made.free_bytes = number_in(object_in(*from, "room"), "free_bytes");
    made.way = text_in(*from, "way");
    made.data_directory = text_in(*from, "data_directory");
    made.expected_seconds = number_in(*from, "expected_s");
    made.expected_downtime_seconds = number_in(*from, "expected_downtime_s");
    const auto& lost = object_in(*from, "lost");
    made.lost_from = text_in(lost, "from");
    made.lost_until = text_in(lost, "until");
    made.lost_wal = number_in(lost, "wal_bytes");
    for (const auto& one : objects_in(*from, "refusals")) {
        made.refusals.push_back(
            {text_in(one, "code"), text_in(one, "message"), text_in(one, "hint"),
             is_true_in(one, "can_be_acknowledged")});
    }
    made.warnings = texts_in(*from, "warnings");
    made.commands = texts_in(*from, "commands");
    if (made.id.empty() || made.digest.empty()) {
        return strange_answer("plan");
    }
    return made;
}

std::string plan_words(const restore_plan& what) {
    page made;
    made.text = fmt::format("restore of {} to {}\n", what.stanza, target_words(what));
    made.line("set", set_words(what));
    made.line("timeline", what.timeline ? std::to_string(*what.timeline) : "");
    made.line(
        "WAL", what.wal_from.empty() ? "" : fmt::format("{} to {}", what.wal_from, what.wal_to));
    made.line("writes", writing_words(what));
    made.line("takes", time_needed(what));
    made.line("loses", loss_words(what));
    for (const auto& one : what.warnings) {
        made.line("note", one);
    }
    add_refusals(made, what);
    return made.text;
}

std::string runbook_words(const restore_plan& what) {
    std::string text;
    for (const auto& line : what.commands) {
        text += line + '\n';
    }
    return text;
}

} // namespace restpoint::client
