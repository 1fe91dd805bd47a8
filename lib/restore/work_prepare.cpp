// What is there before anything is touched: looked at again, and written down.
#include "base/file.hpp"
#include "restore/child.hpp"
#include "restore/narration.hpp"
#include "restore/work.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fs = std::filesystem;

namespace restpoint::restore {
namespace {

/// The value behind "NAME:" in what pg_controldata writes.
std::string value_in(std::string_view text, std::string_view name) {
    const auto at = text.find(name);
    if (at == text.npos) {
        return {};
    }
    auto rest = text.substr(at + name.size());
    rest = rest.substr(0, rest.find('\n'));
    const auto begin = rest.find_first_not_of(" :\t");
    return begin == rest.npos ? std::string() : std::string(rest.substr(begin));
}

} // namespace

result<> work::prepare() {
    if (brings_back() && is_empty_or_missing(successor())) {
        return failure{
            errc::gone,
            fmt::format("the cluster that job {} replaced is not there any more", order_.of)};
    }
    const auto state = control_->status();
    if (!state) {
        return state.error();
    }
    if (*state == postgres::run_state::unknown) {
        return failure{
            errc::unavailable, "nobody can tell whether PostgreSQL runs",
            "look at postgres.control and at the server"};
    }
    const auto* const found = is_empty_or_missing(order_.data) ? "nothing" : "a cluster";
    if (auto written = note_once("found", found); !written) {
        return written;
    }
    if (in_place() && order_.back_set.empty() && so_far().noted("found") != "nothing") {
        return failure{
            errc::conflict, "no backup set leads back to what is there now",
            "make room for the way beside, or move the data directory away yourself"};
    }
    const bool runs = *state != postgres::run_state::stopped;
    if (auto written = note_once("server", runs ? "running" : "stopped"); !written) {
        return written;
    }
    if (auto looked = runs ? look_at_running_server() : look_at_stopped_server(); !looked) {
        return looked;
    }
    std::error_code none;
    if (fs::read_symlink(order_.data / "pg_wal", none).is_relative() && !none) {
        if (auto written = note_once("wal_link", "relative"); !written) {
            return written;
        }
    }
    const auto source = brings_back() ? successor() : order_.data;
    for (const auto& one : outside_of(source, order_.data)) {
        if (!in_place() && is_mount_point(one.location)) {
            return failure{
                errc::conflict,
                fmt::format("'{}' is a mount point and cannot be swapped", one.location.native()),
                "ask for the way in_place"};
        }
        const auto foreign = in_place() || one.link == "pg_wal" || order_.version.empty()
                                 ? std::string()
                                 : foreign_in(one.location, order_.version);
        if (!foreign.empty()) {
            return failure{
                errc::conflict,
                fmt::format(
                    "'{}' of another cluster lies in the tablespace '{}', which cannot be swapped",
                    foreign, one.location.native()),
                "ask for the way in_place"};
        }
        const auto text = fmt::format("{} {}", one.link, one.location.native());
        const entry wanted{entry_word::note, "outside " + text};
        const auto& all = so_far().entries;
        if (std::find(all.begin(), all.end(), wanted) == all.end()) {
            if (auto written = note("outside", text); !written) {
                return written;
            }
        }
    }
    return {};
}

result<> work::look_at_running_server() {
    auto server = postgres::session::open(how_.live);
    if (!server) {
        return server.error();
    }
    const auto rows = server->ask(
        "select system_identifier, pg_is_in_recovery(), current_setting('config_file'), "
        "current_setting('data_directory') from pg_control_system()");
    if (!rows) {
        return rows.error();
    }
    const auto& row = rows->front();
    if (row.at(1) == "t") {
        return failure{
            errc::conflict, "the server is a standby: a restore is for a primary",
            "restore on the primary, and build the standby anew"};
    }
    std::error_code ignored;
    if (fs::weakly_canonical(row.at(3), ignored) != order_.data) {
        return failure{
            errc::conflict,
            fmt::format(
                "the server that answers works in '{}', not in '{}'", row.at(3),
                order_.data.native()),
            "check postgres.data_dir, postgres.socket_dir and postgres.port"};
    }
    if (fs::path(row.at(2)).parent_path() != order_.data) {
        if (auto written = note_once("config_file", row.at(2)); !written) {
            return written;
        }
    }
    if (auto checked = check_system_id(row.at(0)); !checked) {
        return checked;
    }
    const auto timeline = server->ask_one("select left(pg_walfile_name(pg_current_wal_lsn()), 8)");
    if (!timeline) {
        return timeline.error();
    }
    if (auto written = note_once("present_timeline", *timeline); !written) {
        return written;
    }
    return archive_newest(*server);
}

result<> work::look_at_stopped_server() {
    if (is_empty_or_missing(order_.data / "global")) {
        return {}; // nothing is there that could be another cluster's
    }
    const auto options = read_file(order_.data / "postmaster.opts");
    const auto named = options ? value_in(*options, "config_file=") : std::string();
    if (!named.empty()) {
        const auto file = named.substr(0, named.find('"')); // each option stands in quotes
        if (auto written = note_once("config_file", file); !written) {
            return written;
        }
    }
    const auto told = run_child(
        {(bin_dir() / "pg_controldata").native(), "-D", order_.data.native()}, how_.environment,
        output::kept);
    if (!told) {
        return told.error();
    }
    if (!told->good()) {
        say(tone::warn, "the present data directory has no control file that can be read");
        return {};
    }
    return check_system_id(value_in(told->out, "Database system identifier"));
}

result<> work::check_system_id(const std::string& found) const {
    if (order_.system_id == 0 || found == std::to_string(order_.system_id)) {
        return {};
    }
    return failure{
        errc::conflict,
        fmt::format(
            "the data directory is of system {}, and the backups are of system {}", found,
            order_.system_id),
        "these backups belong to another cluster"};
}

} // namespace restpoint::restore
