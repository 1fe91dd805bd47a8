#include "api/earlier_restores.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>

namespace json = boost::json;

namespace restpoint::api {
namespace {

std::string_view text_at(const json::object& report, std::string_view name) {
    const auto* const found = report.if_contains(name);
    return found != nullptr && found->is_string() ? std::string_view(found->get_string()) : "";
}

std::optional<std::uint64_t> number_at(const json::object& report, std::string_view name) {
    const auto* const found = report.if_contains(name);
    if (found == nullptr || !found->is_int64() || found->get_int64() < 0) {
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(found->get_int64());
}

std::uint64_t bytes_of_set(const backrest::stanza_info& stanza, std::string_view label) {
    const auto set = std::find_if(
        stanza.backups.begin(), stanza.backups.end(),
        [&](const backrest::backup_info& one) { return one.label == label; });
    return set == stanza.backups.end() ? 0 : set->size;
}

} // namespace

std::vector<restore::earlier_restore> earlier_restores(
    std::span<const jobs::job> all, const backrest::stanza_info& stanza) {
    using seconds = std::chrono::duration<double>;
    std::vector<restore::earlier_restore> told;
    for (const auto& one : all) {
        boost::system::error_code bad;
        const auto report = json::parse(one.report, bad);
        if (one.state != jobs::job_state::succeeded || !one.started || !one.finished || bad ||
            !report.is_object()) {
            continue;
        }
        const auto& said = report.get_object();
        restore::earlier_restore was;
        was.bytes = number_at(said, "bytes").value_or(bytes_of_set(stanza, text_at(said, "set")));
        was.seconds = seconds(*one.finished - *one.started).count();
        was.how = restore::parse_way(text_at(said, "way")).value_or(restore::way::beside);
        if (const auto downtime = number_at(said, "downtime_ms")) {
            was.downtime_seconds = static_cast<double>(*downtime) / 1000;
        }
        told.push_back(was);
    }
    return told;
}

} // namespace restpoint::api
