#include "restore/plan.hpp"

#include "restore/choose_set.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <set>
#include <utility>

namespace restpoint::restore {
namespace {

/// What a restore needs beyond the files of the set: WAL that is replayed, and room to breathe.
constexpr std::uint64_t least_margin = 512ULL << 20U;

std::uint64_t needed(std::uint64_t bytes) {
    return bytes + std::max(least_margin, bytes / 20);
}

std::string megabytes(std::uint64_t bytes) {
    return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

std::string listed(const std::vector<std::string>& names) {
    return fmt::format("{}", fmt::join(names, ", "));
}

/// The repos of the stanza that may serve: the one that is asked for, or all.
std::set<std::int64_t> repos_of(const plan_request& asked, const plan_facts& facts) {
    if (asked.repo) {
        return {*asked.repo};
    }
    std::set<std::int64_t> all;
    for (const auto& one : facts.archives) {
        if (one.of.current) {
            all.insert(one.of.repo);
        }
    }
    return all;
}

/// A choice that only waits for a word of the operator serves too.
bool can_serve(const choice& one) {
    return std::all_of(one.refusals.begin(), one.refusals.end(), [](const refusal& r) {
        return can_be_acknowledged(r.why);
    });
}

/// A repo is worse that needs a word of the operator, or WAL that only the server has; of equal ones
/// the first is the best.
bool is_worse(const choice& one, const choice& other) {
    const auto rank = [](const choice& of) {
        return std::pair(of.refusals.empty(), !of.needs_server);
    };
    return rank(one) < rank(other);
}

/// The first repo's that needs no acknowledgement, else the first that can serve, else the first.
choice choose(const plan_request& asked, const plan_facts& facts) {
    std::vector<choice> all;
    for (const auto repo : repos_of(asked, facts)) {
        all.push_back(choose_set(asked, facts, repo));
    }
    if (const auto best = std::max_element(all.begin(), all.end(), is_worse);
        best != all.end() && best->refusals.empty()) {
        return std::move(*best);
    }
    if (all.empty()) {
        choice none;
        none.refusals.push_back(
            {reason::repo_unknown, "no repo has an archive of this cluster",
             "GET /api/v1/stanzas tells what pgBackRest says of the stanza"});
        return none;
    }
    const auto serving = std::find_if(all.begin(), all.end(), can_serve);
    return std::move(serving == all.end() ? all.front() : *serving);
}

std::optional<double> median(std::vector<double> all) {
    if (all.empty()) {
        return std::nullopt;
    }
    const auto middle = std::next(all.begin(), static_cast<long>(all.size() / 2));
    std::nth_element(all.begin(), middle, all.end());
    return *middle;
}

class planner {
  public:
    planner(const plan_request& asked, const plan_facts& facts) : facts_(facts) {
        made_.asked = asked;
    }

    [[nodiscard]] plan go() && {
        take(choose(made_.asked, facts_));
        made_.system_id = system_id_of_backups();
        look_at_place();
        look_at_tablespaces();
        look_at_server();
        look_at_room();
        expect_time();
        tell_what_is_carried_over();
        forget_acknowledged();
        return std::move(made_);
    }

  private:
    void refuse(reason why, std::string message, std::string hint) {
        made_.refusals.push_back({why, std::move(message), std::move(hint)});
    }

    void take(choice chosen) {
        made_.repo = chosen.repo;
        made_.timeline = chosen.timeline;
        made_.refusals = std::move(chosen.refusals);
        made_.warnings = std::move(chosen.warnings);
        made_.wal_to = chosen.wal_to;
        made_.set = std::move(chosen.set);
        if (!made_.set) {
            return;
        }
        made_.bytes = made_.set->size;
        made_.wal_from = backrest::parse_segment_name(made_.set->wal_start.value_or(""));
        if (made_.set->page_error.value_or(false)) {
            made_.warnings.push_back(
                fmt::format("pages with wrong checksums are in backup '{}'", made_.set->label));
        }
        count_the_loss(chosen);
    }

    void count_the_loss(const choice& chosen) {
        const auto& to = made_.asked.to;
        const bool writes_it = facts_.live() && facts_.live()->timeline == made_.timeline;
        auto end = chosen.wal_end;
        if (writes_it) {
            end = facts_.live()->position;
            made_.lost.until = facts_.live()->last_commit.value_or(facts_.live()->now);
        } else if (chosen.wal_end_time != 0) {
            made_.lost.until = wall_time{std::chrono::seconds{chosen.wal_end_time}};
        }
        std::optional<backrest::lsn> from;
        if (to.kind == target_kind::time) {
            made_.lost.from = to.time;
        } else if (to.kind == target_kind::lsn) {
            from = to.position;
        } else if (to.kind == target_kind::immediate) {
            made_.lost.from = wall_time{std::chrono::seconds{made_.set->stop}};
            from = backrest::parse_lsn(made_.set->lsn_stop.value_or(""));
        } else if (to.kind == target_kind::latest) {
            made_.lost = {};
            end.reset();
        }
        if (from && end) {
            made_.lost.wal_bytes = *end > *from ? *end - *from : 0;
        }
        if (facts_.live() && facts_.live()->timeline != 0 && !writes_it) {
            made_.warnings.push_back(fmt::format(
                "the server writes timeline {}: what it wrote since it left timeline {} is lost",
                facts_.live()->timeline, made_.timeline));
        }
    }

    [[nodiscard]] std::optional<std::uint64_t> system_id_of_backups() const {
        for (const auto& one : facts_.stanza.databases) {
            if (made_.set && one.repo == made_.set->repo && one.id == made_.set->database_id) {
                return one.system_id;
            }
        }
        return facts_.system_id();
    }

    void look_at_place() {
        const auto& around = facts_.around;
        made_.where = around.where;
        if (around.where.data_directory.empty()) {
            refuse(
                reason::place_unclear, "nobody says where the data directory is",
                "set postgres.data_dir, or pg1-path in pgBackRest's configuration");
        } else if (!around.where.unclear.empty()) {
            refuse(
                reason::place_unclear, around.where.unclear,
                "let postgres.data_dir, pg1-path and the server's data_directory name the same "
                "directory");
        }
        for (const auto& one : around.stop_files) {
            refuse(
                reason::stop_file, fmt::format("pgbackrest was stopped: '{}' is there", one),
                "once the reason is gone, run 'pgbackrest start', for the stanza if it was stopped "
                "for that");
        }
        made_.warnings.insert(made_.warnings.end(), around.warnings.begin(), around.warnings.end());
    }

    /// Whose creation lies in the WAL that is replayed: PostgreSQL makes it anew where it was, and
    /// there are the files of the present one.
    void look_at_tablespaces() {
        const auto& present = facts_.around.tablespaces;
        const auto& told = facts_.details;
        if (!made_.set || present.empty()) {
            return;
        }
        const auto named = fmt::format("backup '{}'", made_.set->label);
        if (!told || told->repo != made_.set->repo || told->label != made_.set->label) {
            made_.warnings.push_back(fmt::format("which tablespaces {} has is not known", named));
            return;
        }
        auto newer = present;
        std::vector<std::string> dropped;
        for (const auto& one : told->tablespaces) {
            if (newer.erase(std::to_string(one.oid)) == 0) {
                dropped.push_back(fmt::format("{} in '{}'", one.name, one.destination));
            }
        }
        for (const auto& [oid, directory] : newer) {
            refuse(
                reason::tablespace_newer,
                fmt::format(
                    "{} is older than the tablespace in '{}': a replay would make it there again, "
                    "over the files of the present one",
                    named, directory.native()),
                "restore a set that has it, or drop it first, or restore on another machine");
        }
        warn_of(
            named + " has tablespaces that are no more: they are made where they were", dropped);
    }

    void look_at_server() {
        if (facts_.live() && facts_.live()->timeline == 0) {
            refuse(
                reason::server_is_standby, "the server is a standby: a restore is for a primary",
                "restore on the primary, and build the standby anew");
        }
        if (facts_.live() && !facts_.around.controlled) {
            refuse(
                reason::postgres_not_controlled,
                "postgres.control is none: restpoint cannot stop the server that runs",
                "set postgres.control, or stop the server first");
        }
        look_at_neighbours();
    }

    void look_at_neighbours() {
        if (!facts_.live()) {
            if (facts_.around.stopped && !facts_.around.stopped->shut_down) {
                made_.warnings.emplace_back(
                    "the server did not shut down orderly: what it wrote last is in its own WAL "
                    "only");
            }
            made_.warnings.emplace_back(
                "no server answers: what it has that the repo has not, and who follows it, is not "
                "known");
            return;
        }
        const auto& live = *facts_.live();
        if (!live.manager.empty()) {
            refuse(
                reason::managed_elsewhere,
                live.manager + " manages this server: it takes the stop of a primary for a failure",
                "pause it first (patronictl pause), then acknowledge managed_elsewhere");
        }
        if (!live.standbys.empty()) {
            refuse(
                reason::standbys_attached,
                fmt::format("standbys follow this server: {}", listed(live.standbys)),
                "they cannot follow past the restore and must be built anew or rewound "
                "(pg_rewind); acknowledge standbys_attached");
        }
        if (!live.subscribers.empty()) {
            refuse(
                reason::subscribers_attached,
                fmt::format("logical subscribers follow this server: {}", listed(live.subscribers)),
                "they would have rows that their publisher has not: resynchronise them "
                "afterwards; acknowledge subscribers_attached");
        }
        warn_of("replication slots are lost", live.slots);
        warn_of("prepared transactions may come back, or be gone", live.prepared);
        warn_of("tablespaces are restored to new directories", live.tablespaces);
    }

    void warn_of(std::string_view what, const std::vector<std::string>& names) {
        if (!names.empty()) {
            made_.warnings.push_back(fmt::format("{}: {}", what, listed(names)));
        }
    }

    void look_at_room() {
        made_.room = facts_.around.room;
        made_.how = made_.asked.how;
        if (!made_.bytes || !made_.room) {
            return;
        }
        const auto need = needed(*made_.bytes);
        const auto& room = *made_.room;
        const bool beside = room.free_bytes >= need;
        const bool in_place = beside || room.free_bytes + room.data_bytes >= need;
        const auto wanted = made_.asked.how;
        made_.how = wanted.value_or(beside ? way::beside : way::in_place);
        if (!in_place || (wanted == way::beside && !beside)) {
            refuse_for_room(need, room, in_place);
        } else if (!beside) {
            made_.warnings.push_back(fmt::format(
                "there is no room beside the present data ({} are free, {} are needed): the "
                "restore goes over it, and the server is down meanwhile",
                megabytes(room.free_bytes), megabytes(need)));
        }
    }

    void refuse_for_room(std::uint64_t need, const disk_room& room, bool in_place) {
        if (!in_place) {
            made_.how.reset();
        }
        refuse(
            reason::no_room,
            fmt::format(
                "the restore needs {}, and {} are free", megabytes(need),
                megabytes(room.free_bytes)),
            in_place
                ? "make room where the data directory lies, or ask for the way in_place, which "
                  "goes over the present data"
                : "make room where the data directory lies, or restore to another machine");
    }

    /// By the median rate of earlier restores; the server is down for as long in place, and for as
    /// long as it was beside.
    void expect_time() {
        std::vector<double> seconds_of_byte;
        std::vector<double> downtimes;
        for (const auto& one : facts_.around.earlier) {
            if (one.bytes > 0 && one.seconds > 0) {
                seconds_of_byte.push_back(one.seconds / static_cast<double>(one.bytes));
            }
            if (one.how == way::beside && one.downtime_seconds) {
                downtimes.push_back(*one.downtime_seconds);
            }
        }
        if (const auto middle = median(seconds_of_byte); middle && made_.bytes) {
            made_.expected_seconds = static_cast<double>(*made_.bytes) * *middle;
        }
        if (made_.how) {
            made_.expected_downtime_seconds =
                *made_.how == way::beside ? median(downtimes) : made_.expected_seconds;
        }
    }

    void tell_what_is_carried_over() {
        if (made_.set && made_.can_be_carried_out()) {
            made_.warnings.emplace_back(
                "pg_hba.conf, pg_ident.conf, postgresql.auto.conf and certificates are carried "
                "over "
                "from the present cluster; how they differ from the backup's shows once it is "
                "restored");
        }
    }

    void forget_acknowledged() {
        const auto& known = made_.asked.acknowledged;
        std::erase_if(made_.refusals, [&](const refusal& one) {
            const bool settled = can_be_acknowledged(one.why) &&
                                 std::find(known.begin(), known.end(), one.why) != known.end();
            if (settled) {
                made_.warnings.push_back("acknowledged: " + one.message);
            }
            return settled;
        });
    }

    const plan_facts& facts_;
    plan made_ = {};
};

} // namespace

std::optional<std::uint64_t> plan_facts::system_id() const {
    if (around.live) {
        return around.live->system_id;
    }
    return around.stopped ? std::optional(around.stopped->system_id) : std::nullopt;
}

std::uint32_t plan_facts::present_timeline() const {
    if (around.live) {
        return around.live->timeline;
    }
    return around.stopped ? around.stopped->timeline : 0;
}

plan make_plan(const plan_request& asked, const plan_facts& facts) {
    return planner(asked, facts).go();
}

} // namespace restpoint::restore
