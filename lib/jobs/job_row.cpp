#include "jobs/job_row.hpp"

#include <boost/json.hpp>

#include <fmt/format.h>

#include <array>

namespace json = boost::json;

namespace restpoint::jobs {

namespace {

constexpr std::array columns{
    "kind",          "stanza",      "backup_type",    "annotations",  "repo",      "state",
    "requested_by",  "created_us",  "started_us",     "finished_us",  "cancel_us", "exit_code",
    "error_code",    "error_name",  "error_message",  "error_hint",   "label",     "backup_size",
    "expire_failed", "shim_pid",    "shim_start",     "shim_boot_id", "log_bytes", "log_lines",
    "log_dropped",   "cpu_seconds", "log_removed_us", "backup_set",   "dry_run",   "work_order",
    "report",
};

std::optional<std::int64_t> microseconds_of(const std::optional<wall_time>& t) {
    return t ? std::optional(to_microseconds(*t)) : std::nullopt;
}

std::optional<wall_time> time_of(const std::optional<std::int64_t>& us) {
    return us ? std::optional(from_microseconds(*us)) : std::nullopt;
}

std::optional<int> int_of(const std::optional<std::int64_t>& value) {
    return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

// Unsigned values go through SQLite's signed integers bit by bit.
std::int64_t stored(std::uint64_t value) {
    return static_cast<std::int64_t>(value);
}

std::uint64_t counter(statement& from) {
    return static_cast<std::uint64_t>(from.integer());
}

std::string to_json(const std::map<std::string, std::string>& annotations) {
    json::object object;
    for (const auto& [key, value] : annotations) {
        object[key] = value;
    }
    return json::serialize(object);
}

std::optional<std::map<std::string, std::string>> parse_annotations(const std::string& text) {
    json::parse_options lenient;
    lenient.allow_invalid_utf8 = true; // they are written as they came
    boost::system::error_code bad;
    const auto parsed = json::parse(text, bad, {}, lenient);
    if (bad || !parsed.is_object()) {
        return std::nullopt;
    }
    std::map<std::string, std::string> annotations;
    for (const auto& [key, value] : parsed.get_object()) {
        if (!value.is_string()) {
            return std::nullopt;
        }
        annotations.emplace(key, std::string(value.get_string()));
    }
    return annotations;
}

std::optional<backrest::command_error> read_error(statement& from) {
    backrest::command_error error;
    error.code = int_of(from.optional_integer());
    const auto name = from.optional_text();
    const auto message = from.optional_text();
    const auto hint = from.optional_text();
    if (!name) {
        return std::nullopt;
    }
    error.name = *name;
    error.message = message.value_or("");
    error.hint = hint.value_or("");
    return error;
}

std::optional<process::identity> read_shim(statement& from) {
    const auto pid = from.optional_integer();
    const auto start = from.optional_integer();
    const auto boot = from.optional_text();
    if (!pid) {
        return std::nullopt;
    }
    return process::identity{
        static_cast<pid_t>(*pid), static_cast<std::uint64_t>(start.value_or(0)), boot.value_or("")};
}

failure unknown_word(job_id id, std::string_view column, std::string_view value) {
    return {
        errc::unusable_state,
        fmt::format("job {} has the {} '{}', which this program does not know", id, column, value),
        "was the database changed by hand, or by another version?"};
}

} // namespace

std::int64_t to_microseconds(wall_time t) {
    return std::chrono::floor<std::chrono::microseconds>(t.time_since_epoch()).count();
}

wall_time from_microseconds(std::int64_t us) {
    return wall_time{
        std::chrono::duration_cast<wall_time::duration>(std::chrono::microseconds{us})};
}

const std::string& job_columns() {
    static const std::string text = fmt::format("{}", fmt::join(columns, ", "));
    return text;
}

const std::string& job_placeholders() {
    static const std::string text = [] {
        std::string marks = "?";
        for (std::size_t i = 1; i < columns.size(); ++i) {
            marks += ", ?";
        }
        return marks;
    }();
    return text;
}

void bind_job(statement& into, const job& what) {
    const auto& spec = what.spec;
    into.bind(to_string(spec.kind)).bind(std::string_view(spec.stanza));
    if (spec.type) {
        into.bind(backrest::to_string(*spec.type));
    } else {
        into.bind(std::nullopt);
    }
    into.bind(std::string_view(to_json(spec.annotations)));
    into.bind(spec.repo ? std::optional<std::int64_t>(*spec.repo) : std::nullopt);
    into.bind(to_string(what.state)).bind(std::string_view(what.requested_by));
    into.bind(to_microseconds(what.created)).bind(microseconds_of(what.started));
    into.bind(microseconds_of(what.finished)).bind(microseconds_of(what.cancel_requested));
    into.bind(what.exit_code ? std::optional<std::int64_t>(*what.exit_code) : std::nullopt);
    if (what.error) {
        const auto& code = what.error->code;
        into.bind(code ? std::optional<std::int64_t>(*code) : std::nullopt);
        into.bind(std::string_view(what.error->name)).bind(std::string_view(what.error->message));
        into.bind(std::string_view(what.error->hint));
    } else {
        into.bind(std::nullopt).bind(std::nullopt).bind(std::nullopt).bind(std::nullopt);
    }
    into.bind(what.label);
    into.bind(what.backup_size ? std::optional(stored(*what.backup_size)) : std::nullopt);
    into.bind(static_cast<std::int64_t>(what.expire_failed));
    if (what.shim) {
        into.bind(static_cast<std::int64_t>(what.shim->pid)).bind(stored(what.shim->start_ticks));
        into.bind(std::string_view(what.shim->boot_id));
    } else {
        into.bind(std::nullopt).bind(std::nullopt).bind(std::nullopt);
    }
    into.bind(stored(what.log_bytes)).bind(stored(what.log_lines)).bind(stored(what.log_dropped));
    into.bind(what.cpu_seconds).bind(microseconds_of(what.log_removed));
    if (spec.set.empty()) {
        into.bind(std::nullopt);
    } else {
        into.bind(std::string_view(spec.set));
    }
    into.bind(static_cast<std::int64_t>(spec.dry_run));
    into.bind(std::string_view(spec.order)).bind(std::string_view(what.report));
}

result<job> read_job(statement& from) {
    job read;
    read.id = from.integer();
    const auto kind = from.text();
    read.spec.stanza = from.text();
    const auto type = from.optional_text();
    const auto annotations = from.text();
    read.spec.repo = int_of(from.optional_integer());
    const auto state = from.text();
    read.requested_by = from.text();
    read.created = from_microseconds(from.integer());
    read.started = time_of(from.optional_integer());
    read.finished = time_of(from.optional_integer());
    read.cancel_requested = time_of(from.optional_integer());
    read.exit_code = int_of(from.optional_integer());
    read.error = read_error(from);
    read.label = from.optional_text();
    if (const auto size = from.optional_integer()) {
        read.backup_size = static_cast<std::uint64_t>(*size);
    }
    read.expire_failed = from.integer() != 0;
    read.shim = read_shim(from);
    read.log_bytes = counter(from);
    read.log_lines = counter(from);
    read.log_dropped = counter(from);
    read.cpu_seconds = from.real();
    read.log_removed = time_of(from.optional_integer());
    read.spec.set = from.optional_text().value_or("");
    read.spec.dry_run = from.integer() != 0;
    read.spec.order = from.text();
    read.report = from.text();

    const auto known_kind = parse_job_kind(kind);
    if (!known_kind) {
        return unknown_word(read.id, "kind", kind);
    }
    const auto known_state = parse_job_state(state);
    if (!known_state) {
        return unknown_word(read.id, "state", state);
    }
    read.spec.kind = *known_kind;
    read.state = *known_state;
    if (type) {
        read.spec.type = backrest::parse_backup_type(*type);
        if (!read.spec.type) {
            return unknown_word(read.id, "backup type", *type);
        }
    }
    auto known_annotations = parse_annotations(annotations);
    if (!known_annotations) {
        return unknown_word(read.id, "annotations", annotations);
    }
    read.spec.annotations = std::move(*known_annotations);
    return read;
}

} // namespace restpoint::jobs
