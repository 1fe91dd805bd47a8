#include "restore/private_server.hpp"

#include "base/file.hpp"
#include "base/unique_fd.hpp"
#include "postgres/complaints.hpp"
#include "process/child.hpp"
#include "process/spawn.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

namespace fs = std::filesystem;

namespace restpoint::restore {
namespace {

constexpr unsigned short port = 5432;             ///< a part of the socket's name, nothing else
constexpr std::size_t longest_socket_folder = 80; ///< sockaddr_un has 108 bytes for all of it
constexpr int patience = 60'000;                  ///< milliseconds, of a stop

/// A folder that nobody but us may enter. In the work folder, or, when its name is too long for a
/// socket, a fresh one in /tmp.
result<fs::path> make_socket_folder(const fs::path& work) {
    auto inside = work / "socket";
    if (inside.native().size() <= longest_socket_folder) {
        if (::mkdir(inside.c_str(), 0700) != 0 && errno != EEXIST) {
            return system_failure(fmt::format("cannot make '{}'", inside.native()), errno);
        }
        return inside;
    }
    std::string name = "/tmp/restpoint-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) {
        return system_failure("cannot make a folder for a socket in '/tmp'", errno);
    }
    return fs::path(name);
}

std::vector<std::string> argv_of(const private_options& how, const fs::path& socket_folder) {
    std::vector<std::string> argv{(how.bin_dir / "postgres").native(), "-D", how.data.native()};
    const auto set = [&](std::string_view name, std::string_view value) {
        argv.emplace_back("-c");
        argv.push_back(fmt::format("{}={}", name, value));
    };
    if (!how.config_file.empty()) {
        set("config_file", how.config_file.native());
    }
    set("data_directory", how.data.native());
    set("hba_file", (how.work / "pg_hba.conf").native());
    set("ident_file", (how.work / "pg_ident.conf").native());
    set("listen_addresses", "");
    set("unix_socket_directories", socket_folder.native());
    set("unix_socket_permissions", "0700");
    set("port", std::to_string(port));
    set("external_pid_file", "");
    set("cluster_name", "restpoint");
    set("archive_command", "/bin/false");
    set("recovery_end_command", "");
    set("archive_cleanup_command", "");
    set("primary_conninfo", "");
    set("primary_slot_name", "");
    set("max_logical_replication_workers", "0");
    set("hot_standby", "on");
    set("wal_retrieve_retry_interval", "200");
    set("ssl", "off");
    set("logging_collector", "off");
    set("log_destination", "stderr");
    set("log_min_messages", "warning");
    set("lc_messages", "C"); // what it says is read
    return argv;
}

} // namespace

private_server::private_server(private_options how, fs::path socket_folder, pid_t pid)
    : how_(std::move(how)), socket_folder_(std::move(socket_folder)), pid_(pid) {}

private_server::private_server(private_server&& other) noexcept
    : how_(std::move(other.how_)),
      socket_folder_(std::move(other.socket_folder_)),
      pid_(std::exchange(other.pid_, 0)) {}

private_server::~private_server() {
    if (pid_ != 0) {
        ::kill(pid_, SIGQUIT);
        if (!wait_for_end(patience)) {
            ::kill(pid_, SIGKILL);
            wait_for_end(patience);
        }
    }
}

result<private_server> private_server::start(private_options how) {
    auto folder = make_socket_folder(how.work);
    if (!folder) {
        return folder.error();
    }
    if (auto made = write_file(how.work / "pg_hba.conf", "local all all trust\n"); !made) {
        return made.error();
    }
    if (auto made = write_file(how.work / "pg_ident.conf", ""); !made) {
        return made.error();
    }
    const auto log_path = how.work / "server.log";
    const unique_fd log{
        ::open(log_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600)};
    if (!log) {
        return system_failure(fmt::format("cannot make '{}'", log_path.native()), errno);
    }
    // Left by one that was killed.
    std::error_code ignored;
    fs::remove(how.data / "postmaster.pid", ignored);
    process::spawn_request what{.argv = argv_of(how, *folder), .environment = how.environment};
    what.descriptors = {{log.get(), STDOUT_FILENO}, {log.get(), STDERR_FILENO}};
    what.group = process::grouping::own_group;
    what.folder = how.data;
    what.dies_with_parent = SIGQUIT;
    const auto child = process::spawn(what);
    if (!child) {
        return child.error();
    }
    return private_server(std::move(how), std::move(*folder), *child);
}

bool private_server::is_alive() {
    return pid_ != 0 && !wait_for_end(0);
}

bool private_server::wait_for_end(int milliseconds) {
    constexpr int look_again = 20;
    for (int left = milliseconds; pid_ != 0; left -= look_again) {
        if (process::reap(pid_)) {
            pid_ = 0;
            break;
        }
        if (left <= 0) {
            return false;
        }
        ::poll(nullptr, 0, look_again);
    }
    return true;
}

postgres::session_options private_server::address(const std::string& database) const {
    return {
        .socket_dir = socket_folder_.native(),
        .port = port,
        .user = how_.user,
        .database = database.empty() ? how_.database : database};
}

result<postgres::session> private_server::connect(const std::string& database) const {
    return postgres::session::open(address(database));
}

bool private_server::takes_connections() const {
    return postgres::session::is_open_at(address({}));
}

bool private_server::stands_at_target() const {
    const auto log = read_tail(how_.work / "server.log", 64U << 10U);
    return log && (log->find("pausing at the end of recovery") != log->npos ||
                   log->find("recovery has paused") != log->npos); // 12
}

bool private_server::lacks_settings() const {
    const auto log = read_tail(how_.work / "server.log", 64U << 10U);
    return log && log->find("insufficient parameter settings") != log->npos;
}

result<> private_server::stop() {
    if (pid_ == 0) {
        return {};
    }
    ::kill(pid_, SIGINT);
    if (wait_for_end(patience)) {
        return {};
    }
    ::kill(pid_, SIGQUIT);
    wait_for_end(patience);
    return failure{
        errc::timed_out, "the private server did not end within a minute and was stopped at once",
        complaint()};
}

std::string private_server::complaint() const {
    const auto tail = read_tail(how_.work / "server.log", 64U << 10U);
    return tail ? postgres::last_complaint(*tail) : std::string();
}

} // namespace restpoint::restore
