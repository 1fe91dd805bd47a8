// The whole API over a real server, store and shims, with fake_pgbackrest behind it.
#pragma once

#include "api/door.hpp"
#include "backrest/version.hpp"
#include "http/router.hpp"
#include "jobs/store.hpp"
#include "postgres/probe.hpp"
#include "restore/order.hpp"
#include "restore/plan.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace restpoint::test {

class running_service {
  public:
    /// `environment` is for fake_pgbackrest: "FAKE_PGBACKREST_MODE=slow".
    explicit running_service(
        std::vector<std::string> environment = {},
        std::chrono::milliseconds keep_alive = std::chrono::minutes{1},
        std::size_t max_log_readers = 4000);
    /// With a door that asks for tokens, these; the others let everybody in.
    running_service(
        api::door_options door, auth::token_table tokens,
        std::vector<std::string> environment = {});
    /// Stops what runs; no process is left.
    ~running_service();

    [[nodiscard]] unsigned short port() const;

    /// Lets a job in mode wait-for-file or workers end.
    void open_gate();

    /// Every route there is, and whose it is.
    [[nodiscard]] std::vector<http::route_outline> routes();
    /// From now on these are the good tokens.
    void replace_tokens(auth::token_table tokens);

    /// How many connections are open now.
    [[nodiscard]] std::size_t connection_count();

    /// How many jobs there are, whatever their state.
    [[nodiscard]] std::size_t job_count();
    [[nodiscard]] std::string state_of(std::int64_t job);

    /// Until the keeper has taken up its schedules: "nightly" (full) and "checks" (check), both once
    /// a year; "off" is disabled.
    void await_schedules();

    /// What a restore was told to do.
    [[nodiscard]] restore::order order_of(std::int64_t job);

    /// The outcomes that were written into the audit trail so far.
    [[nodiscard]] std::vector<std::string> audited();
    /// Who asked for these.
    [[nodiscard]] std::vector<std::string> audited_callers();
    /// The requests that these were.
    [[nodiscard]] std::vector<std::string> audited_requests();

    /// Writes a job of this kind that came to this state before the service began; gives its id.
    std::int64_t write_job(jobs::job_kind kind, jobs::job_state state);

    /// What is written every second, as if another had passed.
    void pass_second_of_refusals();

    /// Writes an entry into the store's audit trail.
    void write_audit(jobs::audit_entry entry);

    /// What db_status finds.
    void pretend(postgres::server_status status);
    /// What /api/v1/postgres finds.
    void pretend(postgres::server_report report);
    /// Where the server stands in its WAL; until then it is away.
    void pretend(postgres::wal_facts facts);

    /// What a restore finds where it would take place.
    void pretend(restore::surroundings around);

    /// What pgbackrest answered when asked for its version; none: it has not.
    void pretend(std::optional<backrest::program_version> version);
    /// From now on so many answers may be held back for a job's end.
    void let_wait(std::size_t most);
    /// From now on answers wait hardly at all for pgbackrest.
    void lose_patience();
    /// From now on pgbackrest info is asked anew.
    void forget_info();
    /// From now on the store's file is not what it was.
    void lose_store();

    /// What routes that were made just now answer to /metrics.
    [[nodiscard]] std::string metrics_of_a_new_router();

    /// Takes a job's log away, as retention does.
    void remove_log(std::int64_t job);
    /// And its row with it.
    void remove_job(std::int64_t job);

    /// From now on the disk gives no log any more; false when that cannot be arranged.
    [[nodiscard]] bool break_log_reads();

  private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace restpoint::test
