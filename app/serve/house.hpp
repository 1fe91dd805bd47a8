// The service, composed top-down. The order of the members is the order of start; it ends in the
// reverse order.
#pragma once

#include "api/api.hpp"
#include "base/result.hpp"
#include "base/task_group.hpp"
#include "config/settings.hpp"
#include "http/server.hpp"
#include "jobs/housekeeper.hpp"
#include "jobs/info_cache.hpp"
#include "jobs/log_hub.hpp"
#include "jobs/service.hpp"
#include "jobs/single_flight.hpp"
#include "jobs/state_directory.hpp"
#include "jobs/store.hpp"
#include "jobs/window_cache.hpp"
#include "process/service_manager.hpp"
#include "serve/aftercare.hpp"
#include "serve/certificate_watch.hpp"
#include "serve/claims.hpp"
#include "serve/reload.hpp"
#include "serve/restoring.hpp"
#include "serve/scheduling.hpp"
#include "serve/token_watch.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace restpoint {

class house {
  public:
    /// Claims the state directory, opens the store and listens; no job runs and nothing is accepted
    /// yet. Every failure is one an operator can mend.
    [[nodiscard]] static result<std::unique_ptr<house>> build(
        boost::asio::io_context& loop, configuration configured, read_configuration read);

    /// Takes up the jobs of an earlier service, answers, keeps the schedule, and drains on SIGTERM
    /// or SIGINT. Returns when everything has ended.
    [[nodiscard]] boost::asio::awaitable<int> live();

  private:
    /// That the server does not answer is an answer too, worth keeping for some seconds.
    struct wal_answer {
        bool stale = false; // in front: else a failure could be taken for an answer
        result<postgres::wal_facts> facts = failure{};
    };
    struct server_answer {
        bool stale = false;
        postgres::server_report report = {};
    };
    struct foundations {
        jobs::state_directory directory;
        std::unique_ptr<jobs::store> rows;
    };
    house(
        boost::asio::io_context& loop, configuration configured, read_configuration read,
        foundations ground);

    [[nodiscard]] jobs::service_options service_options(const configuration& configured);
    /// Where the orders of jobs of our own work are written for their children.
    [[nodiscard]] std::filesystem::path orders() const {
        return ground_.directory.path() / "orders";
    }
    /// Without links in it; empty when neither we nor pgBackRest are told.
    [[nodiscard]] std::filesystem::path data_directory() const;
    /// What pgBackRest's configuration says for our stanza.
    [[nodiscard]] std::optional<std::string> configured_option(std::string_view option) const;
    [[nodiscard]] jobs::info_options info_options() const;
    [[nodiscard]] api::outlook outlook();
    [[nodiscard]] jobs::window_options window_options();
    [[nodiscard]] postgres::connection_options postgres_options() const;
    [[nodiscard]] boost::asio::awaitable<postgres::server_status> ask_postgres() const;
    [[nodiscard]] boost::asio::awaitable<result<wal_answer>> ask_wal_now() const;
    [[nodiscard]] boost::asio::awaitable<result<postgres::wal_facts>> ask_wal();
    [[nodiscard]] boost::asio::awaitable<result<server_answer>> ask_server_now();
    [[nodiscard]] boost::asio::awaitable<postgres::server_report> ask_server();
    [[nodiscard]] restoring::questions restore_questions() const;
    [[nodiscard]] boost::asio::awaitable<result<std::vector<backrest::tablespace_info>>>
    ask_tablespaces(std::string label, std::int64_t repo) const;
    [[nodiscard]] claims::surroundings claim_surroundings();
    /// Empty when backups begin here.
    [[nodiscard]] boost::asio::awaitable<std::string> why_no_backup_here() const;
    [[nodiscard]] boost::asio::awaitable<std::optional<std::uint64_t>> ask_segment_size();
    [[nodiscard]] boost::asio::awaitable<void> meet_pgbackrest();
    void introduce(const backrest::program_version& version);
    [[nodiscard]] boost::asio::awaitable<void> vital(
        std::string failed, std::function<boost::asio::awaitable<void>()> part);
    [[nodiscard]] std::string address() const;
    [[nodiscard]] std::string status() const;
    [[nodiscard]] boost::asio::awaitable<void> show_life();
    [[nodiscard]] boost::asio::awaitable<void> open();
    [[nodiscard]] boost::asio::awaitable<void> close();
    [[nodiscard]] boost::asio::awaitable<void> store_audit(jobs::audit_entry entry);
    void write_audit(jobs::audit_entry entry);
    void take_up(const configuration& again);

    boost::asio::signal_set signals_;
    int exit_code_ = 0;
    config::settings settings_;
    std::vector<std::string> environment_;
    boost::asio::thread_pool agent_asking_{1}; ///< who waits for it blocks
    foundations ground_;
    jobs::log_hub logs_;
    jobs::service jobs_;
    jobs::housekeeper housekeeper_;
    jobs::info_cache info_;
    jobs::single_flight<wal_answer> wal_;
    jobs::single_flight<server_answer> server_facts_;
    jobs::window_cache window_;
    claims claims_;
    scheduling schedules_;
    restoring restores_;
    aftercare aftercare_;
    api::api_context api_;
    token_watch tokens_;
    certificate_watch certificate_;
    std::unique_ptr<http::server> server_; ///< set by build()
    process::service_manager manager_;
    reloader reloads_;
    task_group tasks_; ///< the listener, the schedule, audit writes
};

} // namespace restpoint
