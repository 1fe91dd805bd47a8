// SQLite as values: one connection, its prepared statements, its errors as failures. For the thread
// that owns it only.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace restpoint::jobs {

class database;

/// A prepared statement on loan from its database; reset when it goes out of scope. Values are
/// bound, and columns read, one after the other.
class statement {
  public:
    statement(database& owner, sqlite3_stmt* raw) : owner_(&owner), raw_(raw) {}
    statement(statement&& other) noexcept;
    statement(const statement&) = delete;
    statement& operator=(const statement&) = delete;
    statement& operator=(statement&&) = delete;
    ~statement();

    statement& bind(std::int64_t value);
    statement& bind(double value);
    statement& bind(std::string_view value);
    statement& bind(std::nullopt_t);
    template <class T>
    statement& bind(const std::optional<T>& value) {
        return value ? bind(*value) : bind(std::nullopt);
    }

    /// True when there is a row to read, false at the end.
    [[nodiscard]] result<bool> step();
    /// step() of a statement that gives no rows.
    [[nodiscard]] result<> finish();

    [[nodiscard]] std::int64_t integer();
    [[nodiscard]] double real();
    [[nodiscard]] std::string text();
    [[nodiscard]] std::optional<std::int64_t> optional_integer();
    [[nodiscard]] std::optional<std::string> optional_text();

  private:
    [[nodiscard]] bool skip_null();

    database* owner_;
    sqlite3_stmt* raw_;
    int bound_ = 0;
    int read_ = 0;
    int bad_bind_ = 0; ///< the first error of a bind: step() reports it
};

class database {
  public:
    /// Opens or makes `file` (0600) in WAL mode with synchronous=FULL.
    [[nodiscard]] static result<std::unique_ptr<database>> open(const std::filesystem::path& file);
    database(const database&) = delete;
    database& operator=(const database&) = delete;
    ~database();

    /// A script without values, statement by statement.
    [[nodiscard]] result<> run(const std::string& script);

    /// The statement for `sql`, prepared once.
    [[nodiscard]] result<statement> prepare(std::string_view sql);

    [[nodiscard]] std::int64_t last_insert_id() const;
    [[nodiscard]] std::int64_t changed_rows() const; ///< by the last insert, update or delete

    /// Whether the last operation failed for want of space.
    [[nodiscard]] bool out_of_space() const { return out_of_space_; }

    /// What SQLite's result code `rc` means here and now.
    [[nodiscard]] failure explain(int rc);

  private:
    friend class transaction;
    explicit database(std::filesystem::path file) : file_(std::move(file)) {}
    void roll_back();
    [[nodiscard]] result<> connect();
    [[nodiscard]] result<> choose_wal();

    std::filesystem::path file_;
    sqlite3* raw_ = nullptr;
    std::map<std::string, sqlite3_stmt*, std::less<>> prepared_;
    bool out_of_space_ = false;
};

/// All or nothing: what was not committed when it goes out of scope never was.
class transaction {
  public:
    explicit transaction(database& where) : where_(where) {}
    transaction(const transaction&) = delete;
    transaction& operator=(const transaction&) = delete;
    ~transaction();

    [[nodiscard]] result<> begin();
    [[nodiscard]] result<> commit();

  private:
    database& where_;
    bool open_ = false;
};

} // namespace restpoint::jobs
