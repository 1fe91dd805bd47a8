#include "jobs/job.hpp"

#include <array>
#include <stdexcept>
#include <utility>

namespace restpoint::jobs {

namespace {

// pgBackRest's own words for its commands: what an operator types there is what he reads here.
constexpr std::array<std::pair<job_kind, std::string_view>, 13> kinds{{
    {job_kind::backup, "backup"},
    {job_kind::stanza_create, "stanza-create"},
    {job_kind::check, "check"},
    {job_kind::verify, "verify"},
    {job_kind::expire, "expire"},
    {job_kind::stanza_upgrade, "stanza-upgrade"},
    {job_kind::annotate, "annotate"},
    {job_kind::restore, "restore"},
    {job_kind::undo, "undo"},
    {job_kind::forget, "forget"},
    {job_kind::postgres_start, "postgres-start"},
    {job_kind::postgres_stop, "postgres-stop"},
    {job_kind::postgres_restart, "postgres-restart"},
}};

constexpr std::array<std::pair<job_state, std::string_view>, 6> states{{
    {job_state::queued, "queued"},
    {job_state::running, "running"},
    {job_state::succeeded, "succeeded"},
    {job_state::failed, "failed"},
    {job_state::cancelled, "cancelled"},
    {job_state::interrupted, "interrupted"},
}};

template <class Value, std::size_t Size>
std::string_view name_of(
    const std::array<std::pair<Value, std::string_view>, Size>& table, Value wanted) {
    for (const auto& [value, name] : table) {
        if (value == wanted) {
            return name;
        }
    }
    // uncovered: the tables name every value
    return "unknown";
}

template <class Value, std::size_t Size>
std::optional<Value> value_of(
    const std::array<std::pair<Value, std::string_view>, Size>& table, std::string_view wanted) {
    for (const auto& [value, name] : table) {
        if (name == wanted) {
            return value;
        }
    }
    return std::nullopt;
}

} // namespace

std::string_view to_string(job_kind kind) {
    return name_of(kinds, kind);
}

std::string_view to_string(job_state state) {
    return name_of(states, state);
}

std::optional<job_kind> parse_job_kind(std::string_view text) {
    return value_of(kinds, text);
}

std::optional<job_state> parse_job_state(std::string_view text) {
    return value_of(states, text);
}

bool is_own_work(job_kind kind) {
    switch (kind) {
    case job_kind::restore:
    case job_kind::undo:
    case job_kind::forget:
    case job_kind::postgres_start:
    case job_kind::postgres_stop:
    case job_kind::postgres_restart:
        return true;
    case job_kind::backup:
    case job_kind::stanza_create:
    case job_kind::check:
    case job_kind::verify:
    case job_kind::expire:
    case job_kind::stanza_upgrade:
    case job_kind::annotate:
        return false;
    }
    // uncovered: every value has its case
    return false;
}

bool is_final(job_state state) {
    return state != job_state::queued && state != job_state::running;
}

bool may_become(job_state from, job_state to) {
    switch (from) {
    case job_state::queued:
        return to == job_state::running || to == job_state::cancelled ||
               to == job_state::interrupted || to == job_state::failed;
    case job_state::running:
        return is_final(to) || to == job_state::queued;
    case job_state::succeeded:
    case job_state::failed:
    case job_state::cancelled:
    case job_state::interrupted:
        return false;
    }
    // uncovered: every value has its case
    return false;
}

backrest::command to_command(const job_spec& spec) {
    switch (spec.kind) {
    case job_kind::backup:
        return backrest::backup{
            spec.type.value_or(backrest::backup_type::incr), spec.annotations, spec.repo};
    case job_kind::stanza_create:
        return backrest::stanza_create{};
    case job_kind::check:
        return backrest::check{};
    case job_kind::verify:
        return backrest::verify{spec.repo};
    case job_kind::expire:
        return backrest::expire{spec.repo, spec.set, spec.dry_run};
    case job_kind::stanza_upgrade:
        return backrest::stanza_upgrade{};
    case job_kind::annotate:
        return backrest::annotate{spec.set, spec.annotations, spec.repo};
    case job_kind::restore:
    case job_kind::undo:
    case job_kind::forget:
    case job_kind::postgres_start:
    case job_kind::postgres_stop:
    case job_kind::postgres_restart:
        break;
    }
    throw std::logic_error("work of restpoint's own is no command of pgbackrest");
}

} // namespace restpoint::jobs
