#include "backrest/info.hpp"

#include "base/utf8.hpp"

#include <boost/json.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <utility>

namespace restpoint::backrest {

namespace {

namespace json = boost::json;

/// Thrown and caught in this file only: a refusal deep inside of a document.
struct bad_document {
    std::string detail;
};

std::string_view kind_name(json::kind kind) {
    switch (kind) {
    case json::kind::null:
        return "null";
    case json::kind::bool_:
        return "a boolean";
    case json::kind::int64:
    case json::kind::uint64:
        return "a number";
    case json::kind::double_:
        return "a fraction or a number too large";
    case json::kind::string:
        return "a string";
    case json::kind::array:
        return "an array";
    case json::kind::object:
        return "an object";
    }
    // uncovered: every value has its case
    return "something else";
}

/// A value and where it stands: "info[0].backup[2].info.size". The way there is only put together
/// for a refusal; until then a node points to the one it was found in, which must outlive it.
class node {
  public:
    explicit node(const json::value& root) : value_(&root) {}

    /// The member of that name; none when it is absent or null.
    [[nodiscard]] std::optional<node> find(std::string_view key) const {
        const auto* const found = as_object().if_contains(key);
        if (found == nullptr || found->is_null()) {
            return std::nullopt;
        }
        return node{*found, *this, key, 0};
    }

    [[nodiscard]] node at(std::string_view key) const {
        if (auto found = find(key)) {
            return *std::move(found);
        }
        throw bad_document{fmt::format("{} has no {}", path(), key)};
    }

    [[nodiscard]] std::string text() const {
        if (const auto* const string = value_->if_string()) {
            return presentable({string->data(), string->size()}, string->size());
        }
        refuse("a string");
    }

    [[nodiscard]] bool truth() const {
        if (const auto* const boolean = value_->if_bool()) {
            return *boolean;
        }
        refuse("a boolean");
    }

    [[nodiscard]] std::int64_t integer() const {
        if (const auto* const number = value_->if_int64()) {
            return *number;
        }
        refuse("an integer");
    }

    /// Exact over all 64 bits.
    [[nodiscard]] std::uint64_t count() const {
        if (const auto* const number = value_->if_uint64()) {
            return *number;
        }
        if (const auto* const number = value_->if_int64(); number != nullptr && *number >= 0) {
            return static_cast<std::uint64_t>(*number);
        }
        refuse("an integer that is not negative");
    }

    /// What `read` makes of each element.
    template <class Read>
    [[nodiscard]] auto list(Read read) const {
        const auto* const array = value_->if_array();
        if (array == nullptr) {
            refuse("an array");
        }
        std::vector<decltype(read(*this))> all;
        all.reserve(array->size());
        for (const auto& element : *array) {
            all.push_back(read(node{element, *this, {}, all.size()}));
        }
        return all;
    }

    [[nodiscard]] std::map<std::string, std::string> texts_by_key() const {
        std::map<std::string, std::string> all;
        for (const auto& [key, value] : as_object()) {
            const std::string_view name{key.data(), key.size()};
            all.emplace(presentable(name, name.size()), node{value, *this, name, 0}.text());
        }
        return all;
    }

  private:
    node(const json::value& value, const node& parent, std::string_view key, std::size_t index)
        : value_(&value), parent_(&parent), key_(key), index_(index) {}

    [[nodiscard]] const json::object& as_object() const {
        const auto* const object = value_->if_object();
        if (object == nullptr) {
            refuse("an object");
        }
        return *object;
    }

    [[nodiscard]] std::string path() const {
        if (parent_ == nullptr) {
            return "info";
        }
        return key_.empty() ? fmt::format("{}[{}]", parent_->path(), index_)
                            : fmt::format("{}.{}", parent_->path(), presentable(key_, 64));
    }

    [[noreturn]] void refuse(std::string_view wanted) const {
        throw bad_document{
            fmt::format("{} is {} and not {}", path(), kind_name(value_->kind()), wanted)};
    }

    const json::value* value_;
    const node* parent_ = nullptr;
    std::string_view key_ = {};
    std::size_t index_ = 0;
};

std::optional<std::string> optional_text(const node& in, std::string_view key) {
    const auto found = in.find(key);
    return found ? std::optional(found->text()) : std::nullopt;
}

std::optional<std::uint64_t> optional_count(const node& in, std::string_view key) {
    const auto found = in.find(key);
    return found ? std::optional(found->count()) : std::nullopt;
}

std::string text_or_empty(const node& in, std::string_view key) {
    return optional_text(in, key).value_or("");
}

info_state to_state(std::int64_t code) {
    switch (code) {
    case 0:
        return info_state::ok;
    case 1:
        return info_state::missing_stanza_path;
    case 2:
        return info_state::no_valid_backups;
    case 3:
        return info_state::missing_stanza_data;
    case 4:
        return info_state::different_across_repos;
    case 5:
        return info_state::database_mismatch;
    case 6:
        return info_state::backup_not_found;
    case 99:
        return info_state::other;
    default:
        return info_state::unknown;
    }
}

info_status read_status(const node& from) {
    const auto code = from.at("code").integer();
    return {to_state(code), code, text_or_empty(from, "message")};
}

/// Which database of which repo something belongs to. Before 2.32 there was one repo and no
/// repo-key.
struct owner {
    std::int64_t database = 0;
    std::int64_t repo = 1;
};

owner read_owner(const node& from) {
    const auto repo = from.find("repo-key");
    return {from.at("id").integer(), repo ? repo->integer() : 1};
}

database_info read_database(const node& from) {
    const auto belongs = read_owner(from);
    return {
        belongs.database, belongs.repo, from.at("system-id").count(),
        text_or_empty(from, "version")};
}

repo_info read_repo(const node& from) {
    return {
        from.at("key").integer(), text_or_empty(from, "cipher"), read_status(from.at("status"))};
}

archive_info read_archive(const node& from) {
    const auto belongs = read_owner(from.at("database"));
    return {
        from.at("id").text(), belongs.database, belongs.repo, optional_text(from, "min"),
        optional_text(from, "max")};
}

void read_sizes(backup_info& into, const node& from) {
    into.size = from.at("size").count();
    into.delta = from.at("delta").count();
    if (const auto repository = from.find("repository")) {
        into.repo_size = optional_count(*repository, "size");
        into.repo_delta = optional_count(*repository, "delta");
    }
}

tablespace_info read_tablespace(const node& from) {
    return {from.at("oid").count(), from.at("name").text(), from.at("destination").text()};
}

backup_info read_backup(const node& from) {
    backup_info told;
    told.label = from.at("label").text();
    told.type = from.at("type").text();
    told.prior = optional_text(from, "prior");
    if (const auto references = from.find("reference")) {
        told.references = references->list([](const node& label) { return label.text(); });
    }
    const auto timestamp = from.at("timestamp");
    told.start = timestamp.at("start").integer();
    told.stop = timestamp.at("stop").integer();
    if (const auto wal = from.find("archive")) {
        told.wal_start = optional_text(*wal, "start");
        told.wal_stop = optional_text(*wal, "stop");
    }
    if (const auto lsn = from.find("lsn")) {
        told.lsn_start = optional_text(*lsn, "start");
        told.lsn_stop = optional_text(*lsn, "stop");
    }
    read_sizes(told, from.at("info"));
    if (const auto page_error = from.find("error")) {
        told.page_error = page_error->truth();
    }
    const auto belongs = read_owner(from.at("database"));
    told.database_id = belongs.database;
    told.repo = belongs.repo;
    if (const auto backrest = from.find("backrest")) {
        told.backrest_version = text_or_empty(*backrest, "version");
    }
    if (const auto annotations = from.find("annotation")) {
        told.annotations = annotations->texts_by_key();
    }
    if (const auto tablespaces = from.find("tablespace")) {
        told.tablespaces = tablespaces->list(read_tablespace);
    }
    return told;
}

/// 2.45 says `held` alone; 2.48 adds the sizes; 2.59 a list by repo beside their sum, which is all
/// we need.
void read_lock(stanza_info& into, const node& status) {
    const auto lock = status.find("lock");
    const auto running = lock ? lock->find("backup") : std::nullopt;
    if (!running) {
        return;
    }
    const auto held = running->find("held");
    into.lock_held = held && held->truth();
    into.running_size = optional_count(*running, "size");
    into.running_completed = optional_count(*running, "size-cplt");
}

stanza_info read_stanza(const node& from) {
    stanza_info told;
    told.name = from.at("name").text();
    told.cipher = text_or_empty(from, "cipher");
    const auto status = from.at("status");
    told.status = read_status(status);
    read_lock(told, status);
    if (const auto databases = from.find("db")) {
        told.databases = databases->list(read_database);
    }
    if (const auto repos = from.find("repo")) {
        told.repos = repos->list(read_repo);
    }
    if (const auto archives = from.find("archive")) {
        told.archives = archives->list(read_archive);
    }
    if (const auto backups = from.find("backup")) {
        told.backups = backups->list(read_backup);
    }
    return told;
}

failure refused(std::string detail) {
    return {
        errc::invalid, "pgbackrest info: " + std::move(detail),
        "run the same command by hand and look at its output: a log level set for the console or a "
        "wrapper around the binary may have written into it"};
}

/// Where the parser stopped, with a few of the bytes there made harmless.
std::string describe_syntax(std::string_view text, std::size_t at, std::string_view reason) {
    constexpr std::size_t most = 24;
    std::string near;
    for (const char c : text.substr(std::min(at, text.size()), most)) {
        near += c >= 0x20 && c < 0x7F ? c : '?';
    }
    return near.empty() ? fmt::format("no JSON at byte {}, where the text ends: {}", at, reason)
                        : fmt::format("no JSON at byte {}, before '{}': {}", at, near, reason);
}

} // namespace

std::string_view to_string(info_state state) {
    switch (state) {
    case info_state::ok:
        return "ok";
    case info_state::missing_stanza_path:
        return "missing_stanza_path";
    case info_state::no_valid_backups:
        return "no_valid_backups";
    case info_state::missing_stanza_data:
        return "missing_stanza_data";
    case info_state::different_across_repos:
        return "different_across_repos";
    case info_state::database_mismatch:
        return "database_mismatch";
    case info_state::backup_not_found:
        return "backup_not_found";
    case info_state::other:
        return "other";
    case info_state::unknown:
        break;
    }
    return "unknown";
}

result<std::vector<stanza_info>> parse_info(std::string_view text) {
    try {
        json::parse_options lenient;
        lenient.allow_invalid_utf8 = true; // one annotation in Latin-1 must not hide the backups
        json::stream_parser parser{{}, lenient};
        boost::system::error_code error;
        const auto taken = parser.write_some(text.data(), text.size(), error);
        if (!error && taken < text.size()) {
            error = json::error::extra_data; // finish() would call it incomplete
        }
        if (!error) {
            parser.finish(error);
        }
        if (error) {
            return refused(describe_syntax(text, taken, error.message()));
        }
        const auto document = parser.release();
        return node{document}.list(read_stanza);
    } catch (const bad_document& bad) {
        return refused(bad.detail);
    } catch (const std::exception& bad) {
        // uncovered: only a lack of memory throws here
        return refused(bad.what());
    }
}

} // namespace restpoint::backrest
