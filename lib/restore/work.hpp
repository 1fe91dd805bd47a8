// The steps of a restore, performed. Which comes next is route.hpp's; each may be taken again when it
// was cut off, and fails without having done harm. Blocking: runs in a child of restpoint.
#pragma once

#include "backrest/archive_listing.hpp"
#include "backrest/command.hpp"
#include "base/result.hpp"
#include "postgres/control.hpp"
#include "postgres/session.hpp"
#include "restore/child.hpp"
#include "restore/directories.hpp"
#include "restore/journal.hpp"
#include "restore/order.hpp"
#include "restore/private_server.hpp"
#include "restore/recovery_settings.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace restpoint::restore {

struct work_options {
    backrest::invocation invocation = {};
    std::vector<std::string> environment = {}; ///< of pgbackrest and of PostgreSQL's tools
    postgres::session_options live = {};       ///< where the server answers
    postgres::control_options control = {};
    std::filesystem::path bin_dir = {}; ///< empty: Debian's place for the version
    std::string check_sql = {}; ///< must return true on the restored cluster; empty: not asked
    std::chrono::seconds stop_deadline{120};
};

/// Where the pieces of one restore lie, all below one folder.
struct work_folder {
    std::filesystem::path path = {};

    [[nodiscard]] std::filesystem::path fresh() const { return path / "new"; }
    [[nodiscard]] std::filesystem::path previous() const { return path / "previous"; }
    [[nodiscard]] std::filesystem::path kept_wal() const { return path / "wal"; }
    [[nodiscard]] std::filesystem::path configuration() const { return path / "configuration"; }
    [[nodiscard]] std::filesystem::path collisions() const { return path / "collisions"; }
};

/// A directory outside the data directory that changes places with its successor.
struct outside_move {
    outside_directory where = {};
    std::filesystem::path fresh = {}; ///< what takes its place
    std::filesystem::path aside = {}; ///< where it goes
};

/// WAL from one position to another.
struct wal_stretch {
    std::uint32_t timeline = 0;
    backrest::lsn from = 0;
    backrest::lsn to = 0;
};

class work {
  public:
    /// `notes` is the job's own journal, in `folder`; `root` holds the folders of all jobs.
    work(order what, work_options how, journal& notes, std::filesystem::path root);

    [[nodiscard]] result<> take(step which);

    /// Whether the new cluster has, or may have, taken writes: its new timeline is there.
    [[nodiscard]] bool may_have_been_promoted() const;

  private:
    // work_prepare.cpp
    [[nodiscard]] result<> prepare();
    [[nodiscard]] result<> look_at_running_server();
    [[nodiscard]] result<> look_at_stopped_server();
    [[nodiscard]] result<> check_system_id(const std::string& found) const;

    // work_files.cpp: the files of the new cluster
    [[nodiscard]] result<> restore_files();
    [[nodiscard]] result<> restore_over(const std::string& set);
    [[nodiscard]] result<> clear_beginnings(const std::filesystem::path& into) const;
    [[nodiscard]] result<> run_pgbackrest(
        const std::string& set, const std::filesystem::path& into);
    [[nodiscard]] result<child_result> run_once_free(const std::vector<std::string>& argv) const;
    [[nodiscard]] result<> configure();
    [[nodiscard]] result<> write_recovery(
        const std::filesystem::path& data, const std::filesystem::path& settings_of,
        const recovery& how);
    [[nodiscard]] result<> carry_files(
        const std::filesystem::path& from, const std::filesystem::path& to) const;
    [[nodiscard]] result<> carry_folders(
        const std::filesystem::path& from, const std::filesystem::path& to) const;
    [[nodiscard]] result<> give_wal_its_place();

    // work_carried.cpp: the WAL of the old server
    [[nodiscard]] result<> carry_wal(
        const std::filesystem::path& from, const std::filesystem::path& to);
    [[nodiscard]] result<> place_wal(
        const std::filesystem::path& kept, const std::filesystem::path& pg_wal);
    [[nodiscard]] result<> place_archived(
        const std::filesystem::path& from, const std::filesystem::path& to) const;
    [[nodiscard]] result<> archive_carried() const;
    [[nodiscard]] std::filesystem::path keeper_of(const std::string& segment) const;

    // work_end.cpp: how far the old server came
    [[nodiscard]] result<> note_end();
    [[nodiscard]] std::optional<backrest::lsn> end_of_old() const;
    [[nodiscard]] result<> check_way_to_end() const;
    [[nodiscard]] result<> check_way_back(std::uint32_t timeline) const;
    [[nodiscard]] std::optional<backrest::lsn> least_way_back(std::uint32_t timeline) const;
    [[nodiscard]] result<backrest::ancestry> ancestry_of(
        std::uint32_t timeline, const std::filesystem::path& pg_wal) const;
    [[nodiscard]] result<> check_segments(
        wal_stretch of, const backrest::wal_layout& layout,
        const std::filesystem::path& pg_wal) const;

    // work_proof.cpp
    [[nodiscard]] result<> replay();
    [[nodiscard]] result<> prove();
    [[nodiscard]] result<> start_private();
    [[nodiscard]] result<> wait_for_target();
    [[nodiscard]] result<> replay_way_back(backrest::lsn least);
    [[nodiscard]] result<> look_at_refusal(const failure& why, int& refused) const;
    [[nodiscard]] result<> check_next_segment(
        backrest::lsn here, const backrest::wal_layout& layout, int quiet) const;
    [[nodiscard]] result<> try_segment(const std::string& name, backrest::lsn here) const;
    [[nodiscard]] result<> ask_databases();
    [[nodiscard]] result<> check_position();

    // work_cutover.cpp
    [[nodiscard]] result<> stop_old();
    [[nodiscard]] result<> settle();
    [[nodiscard]] result<> make_kept_folders() const;
    [[nodiscard]] result<> keep();
    [[nodiscard]] result<> swap();
    [[nodiscard]] result<> swap_outside();
    [[nodiscard]] result<> check_still_stopped() const;
    [[nodiscard]] result<> stop_foreign_start();
    [[nodiscard]] result<> start_new();
    [[nodiscard]] result<> start_server();
    [[nodiscard]] result<> wait_for_writes();
    [[nodiscard]] result<> wait_until_unused(const std::filesystem::path& directory) const;

    // work_archive.cpp
    [[nodiscard]] result<> release();
    [[nodiscard]] result<> open_archiving(postgres::session& server);
    [[nodiscard]] result<> archive_newest(postgres::session& server) const;
    [[nodiscard]] result<> wait_for_archive();
    [[nodiscard]] result<> look_at_archiver();
    void resolve_collision(const std::string& name);
    [[nodiscard]] result<> finish();
    [[nodiscard]] result<backrest::archive_listing> listing() const;
    /// As pgBackRest lists it; of all of the archive, or of a folder in it.
    [[nodiscard]] result<std::string> list_archive(const std::string& folder) const;
    [[nodiscard]] result<> check_repo() const;

    // work_back.cpp
    [[nodiscard]] result<> halt();
    [[nodiscard]] result<> swap_back();
    [[nodiscard]] result<> put_back();
    [[nodiscard]] result<> start_old();
    [[nodiscard]] result<> discard();
    [[nodiscard]] result<> discard_kept();
    [[nodiscard]] result<> remove(const std::filesystem::path& directory) const;

    [[nodiscard]] bool in_place() const { return order_.how == way::in_place; }
    [[nodiscard]] bool brings_back() const { return order_.what == errand::undo && !in_place(); }
    /// Of the job that an undo or a forget is about.
    [[nodiscard]] work_folder earlier() const { return {root_ / order_.of}; }
    /// Where the new cluster grows, and what takes the place of the data directory.
    [[nodiscard]] std::filesystem::path successor() const;
    /// Whose configuration files the new cluster gets.
    [[nodiscard]] std::filesystem::path settings_source() const;
    [[nodiscard]] recovery recovery_of(at_the_end then, const std::filesystem::path& data) const;
    [[nodiscard]] std::vector<outside_move> outside_moves() const;
    [[nodiscard]] std::filesystem::path bin_dir() const;
    [[nodiscard]] bool server_was_running() const;
    [[nodiscard]] const history& so_far() const { return notes_.content().steps; }
    [[nodiscard]] result<> note(std::string_view name, std::string_view value);
    /// One of several notes of the same name.
    [[nodiscard]] result<> note_of_many(std::string_view name, std::string_view value);
    [[nodiscard]] std::vector<std::string> notes_of(std::string_view name) const;
    [[nodiscard]] result<> note_once(std::string_view name, std::string_view value);

    order order_;
    work_options how_;
    journal& notes_;
    std::filesystem::path root_;
    work_folder folder_;
    std::unique_ptr<postgres::control> control_;
    std::optional<private_server> private_ = {};
};

} // namespace restpoint::restore
