// What `pgbackrest info` prints. What is understood can be written again and is understood the same.
#include "backrest/info.hpp"
#include "support/fuzz.hpp"

#include <boost/json.hpp>

namespace backrest = restpoint::backrest;
namespace json = boost::json;

namespace {

void put(json::object& into, std::string_view key, const std::optional<std::string>& value) {
    if (value) {
        into.emplace(key, *value);
    }
}

void put(json::object& into, std::string_view key, const std::optional<std::uint64_t>& value) {
    if (value) {
        into.emplace(key, *value);
    }
}

json::object owner(std::int64_t database, std::int64_t repo) {
    return {{"id", database}, {"repo-key", repo}};
}

json::object status(const backrest::info_status& told) {
    return {{"code", told.code}, {"message", told.message}};
}

json::object write(const backrest::backup_info& told) {
    json::object repository;
    put(repository, "size", told.repo_size);
    put(repository, "delta", told.repo_delta);
    json::object wal;
    put(wal, "start", told.wal_start);
    put(wal, "stop", told.wal_stop);
    json::object lsn;
    put(lsn, "start", told.lsn_start);
    put(lsn, "stop", told.lsn_stop);
    json::object annotations;
    for (const auto& [key, value] : told.annotations) {
        annotations.emplace(key, value);
    }
    json::object out{
        {"label", told.label},
        {"type", told.type},
        {"reference", json::value_from(told.references)},
        {"timestamp", {{"start", told.start}, {"stop", told.stop}}},
        {"archive", wal},
        {"lsn", lsn},
        {"info", {{"size", told.size}, {"delta", told.delta}, {"repository", repository}}},
        {"database", owner(told.database_id, told.repo)},
        {"backrest", {{"version", told.backrest_version}}},
        {"annotation", annotations},
    };
    put(out, "prior", told.prior);
    if (told.page_error) {
        out.emplace("error", *told.page_error);
    }
    return out;
}

json::object write(const backrest::stanza_info& told) {
    json::object running{{"held", told.lock_held}};
    put(running, "size", told.running_size);
    put(running, "size-cplt", told.running_completed);
    auto said = status(told.status);
    said.emplace("lock", json::object{{"backup", running}});
    json::array databases;
    for (const auto& database : told.databases) {
        auto entry = owner(database.id, database.repo);
        entry.emplace("system-id", database.system_id);
        entry.emplace("version", database.version);
        databases.push_back(entry);
    }
    json::array repos;
    for (const auto& repo : told.repos) {
        repos.push_back(
            {{"key", repo.key}, {"cipher", repo.cipher}, {"status", status(repo.status)}});
    }
    json::array archives;
    for (const auto& archive : told.archives) {
        json::object entry{
            {"id", archive.id}, {"database", owner(archive.database_id, archive.repo)}};
        put(entry, "min", archive.min);
        put(entry, "max", archive.max);
        archives.push_back(entry);
    }
    json::array backups;
    for (const auto& backup : told.backups) {
        backups.push_back(write(backup));
    }
    return {{"name", told.name}, {"cipher", told.cipher}, {"status", said},   {"db", databases},
            {"repo", repos},     {"archive", archives},   {"backup", backups}};
}

std::string write(const std::vector<backrest::stanza_info>& told) {
    json::array out;
    for (const auto& stanza : told) {
        out.push_back(write(stanza));
    }
    return json::serialize(out);
}

} // namespace

void probe(std::string_view input) {
    const auto told = backrest::parse_info(input);
    if (!told) {
        demand(told.error().code == restpoint::errc::invalid, "what is no info is invalid");
        demand_readable(told.error());
        demand(!has_control(told.error().detail), "a failure stands on one line");
        return;
    }
    const auto text = write(*told);
    demand(is_utf8(text), "what is understood is UTF-8");
    const auto again = backrest::parse_info(text);
    demand(again.has_value(), "what is understood can be written again");
    demand(write(*again) == text, "and is understood the same");
    for (const auto& stanza : *told) {
        demand(!has_control(stanza.name, "\n\t"), "a name has no control characters");
        demand(
            to_string(stanza.status.state) != "unknown" || stanza.status.code < 0 ||
                stanza.status.code > 6,
            "a known code has its name");
    }
}
