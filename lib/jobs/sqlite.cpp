#include "jobs/sqlite.hpp"

#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <utility>

namespace restpoint::jobs {

statement::statement(statement&& other) noexcept
    : owner_(other.owner_),
      raw_(std::exchange(other.raw_, nullptr)),
      bound_(other.bound_),
      read_(other.read_),
      bad_bind_(other.bad_bind_) {}

statement::~statement() {
    if (raw_ != nullptr) {
        sqlite3_reset(raw_); // repeats the error of the last step, which was reported there
        sqlite3_clear_bindings(raw_);
    }
}

statement& statement::bind(std::int64_t value) {
    const int rc = sqlite3_bind_int64(raw_, ++bound_, value);
    bad_bind_ = bad_bind_ != SQLITE_OK ? bad_bind_ : rc;
    return *this;
}

statement& statement::bind(double value) {
    const int rc = sqlite3_bind_double(raw_, ++bound_, value);
    bad_bind_ = bad_bind_ != SQLITE_OK ? bad_bind_ : rc;
    return *this;
}

statement& statement::bind(std::string_view value) {
    // A view without a pointer would be bound as NULL.
    const int rc = sqlite3_bind_text64(
        raw_, ++bound_, value.data() != nullptr ? value.data() : "", value.size(), SQLITE_TRANSIENT,
        SQLITE_UTF8);
    bad_bind_ = bad_bind_ != SQLITE_OK ? bad_bind_ : rc;
    return *this;
}

statement& statement::bind(std::nullopt_t) {
    const int rc = sqlite3_bind_null(raw_, ++bound_);
    bad_bind_ = bad_bind_ != SQLITE_OK ? bad_bind_ : rc;
    return *this;
}

result<bool> statement::step() {
    if (bad_bind_ != SQLITE_OK) {
        return owner_->explain(bad_bind_);
    }
    read_ = 0;
    const int rc = sqlite3_step(raw_);
    if (rc == SQLITE_ROW || rc == SQLITE_DONE) {
        return rc == SQLITE_ROW;
    }
    auto failed = owner_->explain(rc);
    sqlite3_reset(raw_);
    return failed;
}

result<> statement::finish() {
    if (auto done = step(); !done) {
        return done.error();
    }
    return {};
}

std::int64_t statement::integer() {
    return sqlite3_column_int64(raw_, read_++);
}

double statement::real() {
    return sqlite3_column_double(raw_, read_++);
}

std::string statement::text() {
    const auto* bytes = sqlite3_column_text(raw_, read_);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(raw_, read_));
    ++read_;
    return bytes != nullptr ? std::string(reinterpret_cast<const char*>(bytes), size)
                            : std::string();
}

bool statement::skip_null() {
    if (sqlite3_column_type(raw_, read_) != SQLITE_NULL) {
        return false;
    }
    ++read_;
    return true;
}

std::optional<std::int64_t> statement::optional_integer() {
    return skip_null() ? std::nullopt : std::optional(integer());
}

std::optional<std::string> statement::optional_text() {
    return skip_null() ? std::nullopt : std::optional(text());
}

result<std::unique_ptr<database>> database::open(const std::filesystem::path& file) {
    std::unique_ptr<database> made(new database(file));
    if (auto connected = made->connect(); !connected) {
        return connected.error();
    }
    return made;
}

result<> database::connect() {
    {
        // SQLite would make it readable for all; the -wal and -shm files take its mode from here.
        const unique_fd made{::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
        if (!made) {
            auto failed = system_failure(
                fmt::format("cannot open '{}'", file_.native()), errno,
                fmt::format("'{}' must be writable", file_.parent_path().native()));
            failed.code = errc::unusable_state;
            return failed;
        }
    }
    const int rc =
        sqlite3_open_v2(file_.c_str(), &raw_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    if (rc != SQLITE_OK) {
        return explain(rc);
    }
    sqlite3_extended_result_codes(raw_, 1);
    sqlite3_busy_timeout(raw_, 5000);
    // The WAL file keeps its size between checkpoints: when the disk is full, its blocks are ours.
    auto set = run("pragma foreign_keys = on; pragma temp_store = memory; pragma trusted_schema = "
                   "off; pragma cell_size_check = on; pragma journal_size_limit = 8388608;");
    if (!set) {
        return set;
    }
    return choose_wal();
}

result<> database::choose_wal() {
    auto chosen = prepare("pragma journal_mode = wal");
    if (!chosen) {
        return chosen.error();
    }
    auto row = chosen->step();
    if (!row) {
        return row.error();
    }
    const auto mode = chosen->text();
    if (mode != "wal") {
        return failure{
            errc::unusable_state,
            fmt::format("'{}' cannot be used in WAL mode, only in '{}'", file_.native(), mode),
            "use a local file system for the state directory"};
    }
    return run("pragma synchronous = full;");
}

database::~database() {
    for (const auto& [sql, raw] : prepared_) {
        sqlite3_finalize(raw);
    }
    sqlite3_close(raw_);
}

result<> database::run(const std::string& script) {
    out_of_space_ = false;
    const int rc = sqlite3_exec(raw_, script.c_str(), nullptr, nullptr, nullptr);
    if (rc != SQLITE_OK) {
        return explain(rc);
    }
    return {};
}

result<statement> database::prepare(std::string_view sql) {
    out_of_space_ = false;
    auto found = prepared_.find(sql);
    if (found == prepared_.end()) {
        sqlite3_stmt* raw = nullptr;
        const int rc = sqlite3_prepare_v3(
            raw_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &raw,
            nullptr);
        if (rc != SQLITE_OK) {
            return explain(rc);
        }
        found = prepared_.emplace(std::string(sql), raw).first;
    }
    return result<statement>(boost::system::in_place_value, *this, found->second);
}

std::int64_t database::last_insert_id() const {
    return sqlite3_last_insert_rowid(raw_);
}

std::int64_t database::changed_rows() const {
    return sqlite3_changes64(raw_);
}

void database::roll_back() {
    // Not by run(): what the failure was that led here is still to be told. SQLite has undone the
    // transaction by itself after some failures, and says so as an error that means nothing.
    sqlite3_exec(raw_, "rollback", nullptr, nullptr, nullptr);
}

transaction::~transaction() {
    if (open_) {
        where_.roll_back();
    }
}

result<> transaction::begin() {
    auto begun = where_.run("begin immediate");
    open_ = begun.has_value();
    return begun;
}

result<> transaction::commit() {
    auto done = where_.run("commit");
    open_ = !done;
    return done;
}

failure database::explain(int rc) {
    const int system = raw_ != nullptr ? sqlite3_system_errno(raw_) : 0;
    const auto folder = file_.parent_path().native();
    const auto detail = fmt::format(
        "cannot use '{}': {}", file_.native(),
        raw_ != nullptr ? sqlite3_errmsg(raw_) : sqlite3_errstr(rc));
    const int kind = rc & 0xff;
    out_of_space_ = kind == SQLITE_FULL || rc == SQLITE_IOERR_SHMSIZE ||
                    (kind == SQLITE_IOERR && (system == ENOSPC || system == EDQUOT));
    if (out_of_space_) {
        return {
            errc::unusable_state, fmt::format("no space left for '{}'", file_.native()),
            fmt::format("free space (or quota) on the file system of '{}'", folder)};
    }
    switch (kind) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return {
            errc::unusable_state, detail,
            fmt::format(
                "move the restpoint.db files in '{}' aside and start again: the history of jobs is "
                "lost, the backups are not touched",
                folder)};
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return {
            errc::unusable_state, system != 0 ? system_failure(detail, system).detail : detail,
            fmt::format("look at the disk and the permissions of '{}'", folder)};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return {
            errc::unavailable, detail,
            fmt::format("end the other program that has the restpoint.db in '{}' open", folder)};
    default:
        return {errc::internal, detail};
    }
}

} // namespace restpoint::jobs
