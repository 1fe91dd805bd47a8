#include "client/address.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace json = boost::json;

namespace restpoint::client {
namespace {

constexpr std::string_view unreserved =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"; // RFC 3986, 2.3

std::string percent_encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (unreserved.find(c) != unreserved.npos) {
            out += c;
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

std::string query(const std::map<std::string, std::string>& parameters) {
    std::string text;
    for (const auto& [name, value] : parameters) {
        text += text.empty() ? '?' : '&';
        text += name + '=' + percent_encoded(value);
    }
    return text;
}

std::string job_path(std::string_view id) {
    return "/api/v1/jobs/" + percent_encoded(id);
}

std::string body_of(const order& what) {
    json::object body;
    if (what.what == verb::backup) {
        body["type"] = what.type;
        if (!what.annotations.empty()) {
            json::object pairs;
            for (const auto& [key, value] : what.annotations) {
                pairs.emplace(key, value);
            }
            body["annotations"] = std::move(pairs);
        }
    }
    if (what.repo) {
        body["repo"] = *what.repo;
    }
    if (what.queue) {
        body["queue"] = true;
    }
    return json::serialize(body);
}

http_request start(const order& what, std::string_view collection) {
    return {
        "POST",
        fmt::format("/api/v1/stanzas/{}/{}", percent_encoded(what.stanza), collection),
        body_of(what),
        {{"Content-Type", "application/json"}}};
}

http_request hand_on_schedule(const order& what, std::string_view action) {
    http_request made;
    made.method = "POST";
    made.target = fmt::format("/api/v1/schedules/{}/{}", percent_encoded(what.id), action);
    if (what.queue) {
        made.body = body_of(what);
        made.headers.emplace_back("Content-Type", "application/json");
    }
    return made;
}

const std::pair<std::string, std::string> is_json{"Content-Type", "application/json"};

/// What a plan is asked for with: only what was said, so that the service decides the rest.
http_request plan_of(const order& what) {
    const auto& wish = what.wish;
    json::object body;
    if (!wish.target_type.empty()) {
        json::object target{{"type", wish.target_type}};
        if (!wish.target_value.empty()) {
            target["value"] = wish.target_value;
        }
        body["target"] = std::move(target);
    }
    if (wish.timeline) {
        body["timeline"] = *wish.timeline;
    }
    if (!wish.set.empty()) {
        body["set"] = wish.set;
    }
    if (what.repo) {
        body["repo"] = *what.repo;
    }
    if (!wish.way.empty()) {
        body["way"] = wish.way;
    }
    if (!wish.acknowledged.empty()) {
        json::array codes;
        for (const auto& one : wish.acknowledged) {
            codes.emplace_back(one);
        }
        body["acknowledge"] = std::move(codes);
    }
    return {
        "POST",
        fmt::format("/api/v1/stanzas/{}/restore-plans", percent_encoded(what.stanza)),
        json::serialize(body),
        {is_json}};
}

http_request hand_on_restore(const order& what, std::string_view action) {
    return {
        "POST",
        fmt::format("{}/{}", job_path(what.id), action),
        json::serialize(
            what.queue ? json::object{{"confirm", what.wish.confirm}, {"queue", true}}
                       : json::object{{"confirm", what.wish.confirm}}),
        {is_json}};
}

http_request hand_on_server(const order& what, std::string_view action) {
    http_request made;
    made.method = "POST";
    made.target = fmt::format("/api/v1/postgres/{}", action);
    if (!what.mode.empty()) {
        made.body = json::serialize(json::object{{"mode", what.mode}});
        made.headers.emplace_back("Content-Type", "application/json");
    }
    return made;
}

failure bad_address(std::string_view url) {
    return {
        errc::invalid, fmt::format("the address of the service is '{}'", url),
        "allowed: https://HOST:PORT and http://HOST:PORT, with an IPv6 address in brackets, and "
        "unix:/PATH"};
}

http_request log_of(const order& what) {
    if (what.follow) {
        return events_of(what.id, what.level, "");
    }
    http_request made;
    made.target = job_path(what.id) + "/log";
    if (!what.level.empty()) {
        made.target += query({{"level", what.level}});
    }
    return made;
}

} // namespace

result<address> parse_address(std::string_view url) {
    constexpr std::string_view local = "unix:";
    constexpr std::string_view plain = "http://";
    constexpr std::string_view encrypted = "https://";
    address made;
    auto rest = url;
    if (rest.starts_with(local)) {
        rest.remove_prefix(local.size());
        made.by = transport::local;
        made.path = rest;
        made.authority = "localhost";
        const bool good = rest.starts_with('/') && rest.find('\0') == rest.npos;
        return good ? result<address>(made) : bad_address(url);
    }
    if (rest.starts_with(encrypted)) {
        made.by = transport::tls;
    } else if (!rest.starts_with(plain)) {
        return bad_address(url);
    }
    rest.remove_prefix(made.by == transport::tls ? encrypted.size() : plain.size());
    if (rest.ends_with('/')) {
        rest.remove_suffix(1);
    }
    made.authority = rest;
    const auto bracket = rest.find(']');
    const bool literal = rest.starts_with('[') && bracket != rest.npos;
    const auto host_end = literal ? bracket + 1 : std::min(rest.find(':'), rest.size());
    made.host = literal ? rest.substr(1, bracket - 1) : rest.substr(0, host_end);
    rest.remove_prefix(host_end);
    made.port = !rest.empty() ? rest.substr(1) : made.by == transport::tls ? "443" : "80";
    const bool good_port = !made.port.empty() && made.port.size() <= 5 &&
                           made.port.find_first_not_of("0123456789") == made.port.npos;
    const auto allowed = literal ? std::string(unreserved) + ":%" : std::string(unreserved);
    const bool good_host =
        !made.host.empty() && made.host.find_first_not_of(allowed) == made.host.npos;
    if (!good_port || !good_host || (!rest.empty() && rest.front() != ':')) {
        return bad_address(url);
    }
    return made;
}

http_request request_of(const order& what) {
    http_request made;
    switch (what.what) {
    case verb::backup:
        return start(what, "backups");
    case verb::check:
        return start(what, "checks");
    case verb::verify:
        return start(what, "verifications");
    case verb::expire:
        return start(what, "expirations");
    case verb::logs:
        return log_of(what);
    case verb::cancel:
        return cancel_of(what.id);
    case verb::info:
        made.target = fmt::format("/api/v1/stanzas/{}/backups", percent_encoded(what.stanza));
        return made;
    case verb::window:
        made.target = fmt::format("/api/v1/stanzas/{}/window", percent_encoded(what.stanza));
        return made;
    case verb::schedule_list:
        made.target = "/api/v1/schedules";
        return made;
    case verb::schedule_run:
        return hand_on_schedule(what, "run");
    case verb::schedule_pause:
        return hand_on_schedule(what, "pause");
    case verb::schedule_resume:
        return hand_on_schedule(what, "resume");
    case verb::restore:
        return plan_of(what);
    case verb::undo:
        return hand_on_restore(what, "undo");
    case verb::forget:
        return hand_on_restore(what, "forget");
    case verb::postgres_status:
        made.target = "/api/v1/postgres";
        return made;
    case verb::postgres_start:
        return hand_on_server(what, "start");
    case verb::postgres_stop:
        return hand_on_server(what, "stop");
    case verb::postgres_restart:
        return hand_on_server(what, "restart");
    case verb::jobs:
        made.target = "/api/v1/jobs" + query(what.filter);
        return made;
    case verb::job:
        break;
    }
    made.target = job_path(what.id);
    return made;
}

http_request stanza_of(const order& what) {
    http_request made;
    made.target = "/api/v1/stanzas/" + percent_encoded(what.stanza);
    return made;
}

http_request events_of(
    std::string_view id, std::string_view level, std::string_view last_event_id) {
    http_request made;
    made.target = job_path(id) + "/events";
    if (!level.empty()) {
        made.target += query({{"level", std::string(level)}});
    }
    made.headers.emplace_back("Accept", "text/event-stream");
    if (!last_event_id.empty()) {
        made.headers.emplace_back("Last-Event-ID", std::string(last_event_id));
    }
    return made;
}

http_request cancel_of(std::string_view id) {
    http_request made;
    made.method = "POST";
    made.target = job_path(id) + "/cancel";
    return made;
}

http_request job_of(std::string_view id) {
    http_request made;
    made.target = job_path(id);
    return made;
}

http_request restore_of(
    const order& what, std::string_view plan, std::string_view digest, std::string_view confirm) {
    const json::object body{{"plan", plan}, {"digest", digest}, {"confirm", confirm}};
    return {
        "POST",
        fmt::format("/api/v1/stanzas/{}/restores", percent_encoded(what.stanza)),
        json::serialize(body),
        {is_json}};
}

result<std::string> parse_token(std::string_view text) {
    auto line = text.substr(0, text.find('\n'));
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    const bool visible = std::ranges::all_of(line, [](char c) { return c > ' ' && c < '\x7f'; });
    if (line.empty() || !visible) {
        return failure{
            errc::invalid, "the token is empty or has characters that no token has",
            "'restpoint token create' prints one"};
    }
    return std::string(line);
}

std::string to_text(const http_request& what, const address& where, std::string_view token) {
    auto text = fmt::format(
        "{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: restpoint\r\nConnection: close\r\n", what.method,
        what.target, where.authority);
    if (!token.empty()) {
        text += fmt::format("Authorization: Bearer {}\r\n", token);
    }
    for (const auto& [name, value] : what.headers) {
        text += fmt::format("{}: {}\r\n", name, value);
    }
    if (what.method != "GET") {
        text += fmt::format("Content-Length: {}\r\n", what.body.size());
    }
    return text + "\r\n" + what.body;
}

} // namespace restpoint::client
