#include "postgres/agent_protocol.hpp"

#include "base/utf8.hpp"

#include <boost/json.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace json = boost::json;

namespace restpoint::postgres {

namespace {

constexpr std::array<std::pair<std::string_view, agent_verb>, 5> verbs{
    {{"status", agent_verb::status},
     {"start", agent_verb::start},
     {"stop", agent_verb::stop},
     {"hold", agent_verb::hold},
     {"release", agent_verb::release}}};

constexpr std::array<run_state, 3> states{
    run_state::running, run_state::stopped, run_state::starting};

/// The codes that an agent fails with; whatever else is told as `unavailable`.
constexpr std::array<errc, 5> codes{
    errc::invalid, errc::conflict, errc::forbidden, errc::io, errc::internal};

std::string text_of(const json::object& object, std::string_view name) {
    const auto* const found = object.if_contains(name);
    return found != nullptr && found->is_string() ? std::string(found->get_string())
                                                  : std::string{};
}

result<json::object> parse_object(std::string_view line) {
    constexpr std::size_t shown = 100;
    boost::system::error_code error;
    const auto parsed = json::parse(line, error);
    if (error || !parsed.is_object()) {
        return failure{
            errc::invalid,
            fmt::format("this is no line of an agent's protocol: '{}'", presentable(line, shown)),
            "check postgres.control_socket: it must be the socket of 'restpoint agent'"};
    }
    return parsed.get_object();
}

std::string line_of(const json::object& object) {
    return json::serialize(object) + '\n';
}

} // namespace

bool is_holder(std::string_view text) {
    constexpr std::size_t longest = 100;
    constexpr std::string_view others = "-_.:";
    return !text.empty() && text.size() <= longest && std::ranges::all_of(text, [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               others.find(c) != std::string_view::npos;
    });
}

std::string to_line(const agent_question& what) {
    json::object object;
    for (const auto& [word, verb] : verbs) {
        if (verb == what.verb) {
            object["do"] = word;
        }
    }
    if (what.verb == agent_verb::stop) {
        object["mode"] = what.mode == stop_mode::fast ? "fast" : "immediate";
    }
    if (!what.holder.empty()) {
        object["holder"] = what.holder;
    }
    return line_of(object);
}

std::string to_line(const agent_answer& what) {
    json::array titles;
    for (const auto& title : what.titles) {
        titles.emplace_back(scrub_utf8(title));
    }
    return line_of(
        {{"ok", true},
         {"state", to_string(what.state)},
         {"pid", what.pid},
         {"holder", what.holder},
         {"note", scrub_utf8(what.note)},
         {"processes", std::move(titles)}});
}

std::string to_line(const failure& why) {
    return line_of(
        {{"ok", false},
         {"code", to_string(why.code)},
         {"detail", scrub_utf8(why.detail)},
         {"hint", scrub_utf8(why.hint)}});
}

result<agent_question> parse_agent_question(std::string_view line) {
    const auto object = parse_object(line);
    if (!object) {
        return object.error();
    }
    const auto word = text_of(*object, "do");
    const auto* const verb = std::ranges::find(verbs, word, [](const auto& v) { return v.first; });
    if (verb == verbs.end()) {
        return failure{
            errc::invalid, fmt::format("'{}' is nothing that an agent does", presentable(word, 50)),
            "status, start, stop, hold or release"};
    }
    agent_question what{.verb = verb->second, .holder = text_of(*object, "holder")};
    const auto mode = text_of(*object, "mode");
    if (mode == "immediate") {
        what.mode = stop_mode::immediate;
    } else if (!mode.empty() && mode != "fast") {
        return failure{
            errc::invalid, fmt::format("'{}' is no mode of a stop", presentable(mode, 50)),
            "fast or immediate"};
    }
    const bool needs_holder = what.verb == agent_verb::hold || what.verb == agent_verb::release;
    if ((needs_holder || !what.holder.empty()) && !is_holder(what.holder)) {
        return failure{
            errc::invalid, "a holder is named by 1 to 100 letters, digits and '-_.:'", ""};
    }
    return what;
}

result<agent_answer> parse_agent_answer(std::string_view line) {
    const auto object = parse_object(line);
    if (!object) {
        return object.error();
    }
    const auto* const ok = object->if_contains("ok");
    if (ok == nullptr || !ok->is_bool() || !ok->get_bool()) {
        failure why{errc::unavailable, text_of(*object, "detail"), text_of(*object, "hint")};
        const auto code = text_of(*object, "code");
        for (const auto known : codes) {
            why.code = to_string(known) == code ? known : why.code;
        }
        return why;
    }
    agent_answer answer{.holder = text_of(*object, "holder"), .note = text_of(*object, "note")};
    const auto state = text_of(*object, "state");
    for (const auto known : states) {
        answer.state = to_string(known) == state ? known : answer.state;
    }
    if (const auto* const pid = object->if_contains("pid")) {
        boost::system::error_code ignored;
        answer.pid = pid->to_number<pid_t>(ignored);
    }
    if (const auto* const titles = object->if_contains("processes");
        titles != nullptr && titles->is_array()) {
        for (const auto& title : titles->get_array()) {
            answer.titles.emplace_back(title.is_string() ? title.get_string().c_str() : "");
        }
    }
    return answer;
}

} // namespace restpoint::postgres
