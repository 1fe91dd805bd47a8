// pgBackRest's commands as values, and as the argv that runs them. Pure: nothing here starts
// anything.
//
// Values that came from a request reach argv only as whole elements of the form --option=value,
// built from validated types, so that no text can become an option of its own. Secrets never stand
// here (pgBackRest refuses them on argv, error 31).
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace restpoint::backrest {

enum class backup_type { full, diff, incr };

[[nodiscard]] std::string_view to_string(backup_type type);
[[nodiscard]] std::optional<backup_type> parse_backup_type(std::string_view text);

/// `backup`: a new backup set. At most 32 annotations, which appear in `info`; keys match
/// [A-Za-z0-9_-]{1,64}, values hold no control characters.
struct backup {
    backup_type type = backup_type::incr;
    std::map<std::string, std::string> annotations = {};
    std::optional<int> repo = {}; ///< 1..256; none: pgBackRest's first repo
    std::vector<std::string> excludes =
        {};              ///< below the data directory; with a slash, a folder's content
    bool expires = true; ///< removes afterwards what retention does not keep

    friend bool operator==(const backup&, const backup&) = default;
};

/// `stanza-create`: idempotent.
struct stanza_create {
    friend bool operator==(const stanza_create&, const stanza_create&) = default;
};

/// `check`: forces a WAL switch (costs a segment), so it is never polled.
struct check {
    friend bool operator==(const check&, const check&) = default;
};

/// `verify --output=text`: exits 0 over corrupt files, so its text is what counts.
struct verify {
    std::optional<int> repo = {}; ///< as in `backup`

    friend bool operator==(const verify&, const verify&) = default;
};

/// `stanza-upgrade`: after a new major version of PostgreSQL; idempotent.
struct stanza_upgrade {
    friend bool operator==(const stanza_upgrade&, const stanza_upgrade&) = default;
};

/// `annotate`: 1 to 32 annotations of a set, as in `backup`, but that an empty value takes the key
/// away. Without a repo in every one that has the set.
struct annotate {
    std::string set = {}; ///< its label
    std::map<std::string, std::string> annotations = {};
    std::optional<int> repo = {}; ///< 1..256

    friend bool operator==(const annotate&, const annotate&) = default;
};

/// `expire`: applies the configured retention; with a set, that one goes and all that build on it,
/// whatever the retention says, and only that of the archive is applied besides.
struct expire {
    std::optional<int> repo = {}; ///< 1..256; none: every repo
    std::string set = {};         ///< a label; empty: none
    bool dry_run = false;         ///< says in the log what would go

    friend bool operator==(const expire&, const expire&) = default;
};

/// `info`: as text for people, as JSON for parse_info().
struct info {
    enum class format { text, json };
    format output = format::json;
    std::optional<int> repo = {};
    /// A label: what only the manifest of that set has, its tablespaces, is told too.
    std::string set = {};

    friend bool operator==(const info&, const info&) = default;
};

/// `version`.
struct version {
    friend bool operator==(const version&, const version&) = default;
};

/// `repo-ls --output=json`: for parse_archive_listing() and parse_repo_listing(). A folder that is
/// not there lists as empty.
struct repo_ls {
    std::optional<int> repo = 1; ///< none: pgBackRest's first repo, as in `backup`
    std::string path = {};       ///< below the repo's root: archive_path()
    bool recurse = true;
    std::string filter = {}; ///< a regular expression of the names that are told; empty: all

    friend bool operator==(const repo_ls&, const repo_ls&) = default;
};

/// `repo-get`: a file of the repo, decrypted.
struct repo_get {
    int repo = 1;
    std::string path = {};

    friend bool operator==(const repo_get&, const repo_get&) = default;
};

/// `repo-put`: a file of our own in pgBackRest's first repo, with what stands on standard input. Up to
/// pgBackRest 2.59; on an encrypted repo nobody can read it back, but its name and time are told.
struct repo_put {
    std::string path = {};

    friend bool operator==(const repo_put&, const repo_put&) = default;
};

/// `repo-rm`: a folder of our own there, with all in it; good also when it is not there.
struct repo_rm {
    std::string path = {};

    friend bool operator==(const repo_rm&, const repo_rm&) = default;
};

/// `restore`: into pg1-path, or into another directory. Always names what pgBackRest would guess: the
/// repo, the set, the timeline.
struct restore {
    /// none: the files of the set and nothing else, for who writes the settings of recovery himself.
    enum class type { latest, time, lsn, xid, name, immediate, none };
    int repo = 1;
    std::string set = {}; ///< a label
    type to = type::latest;
    std::string target = {};         ///< as --target takes it; empty for latest and immediate
    std::uint32_t timeline = 0;      ///< not said with immediate, where pgBackRest refuses it
    std::filesystem::path into = {}; ///< empty: pg1-path of its configuration
    bool delta = false;              ///< over what lies there, which is kept as far as it is right
    bool link_all = false; ///< links lead to where they led, instead of becoming directories
    /// Of the links, which lead elsewhere than in the set: "pg_wal" → directory.
    std::map<std::string, std::filesystem::path> links = {};
    std::filesystem::path lock_path = {}; ///< empty: the one of its configuration
    /// OID of a tablespace → directory; the others go to where they were.
    std::map<std::string, std::filesystem::path> tablespaces = {};
    /// Databases whose files are brought, beside those of initdb: all others come back empty, and
    /// cannot be connected to. Empty: all.
    std::vector<std::string> databases = {};

    friend bool operator==(const restore&, const restore&) = default;
};

using command = std::variant<
    backup, stanza_create, stanza_upgrade, check, verify, expire, annotate, info, version, repo_ls,
    repo_get, repo_put, repo_rm, restore>;

/// How pgBackRest is called, the same for every command of one service.
struct invocation {
    std::string binary = "pgbackrest";
    std::filesystem::path config = "/etc/pgbackrest/pgbackrest.conf";
    std::string stanza = "main";
    /// For info, repo-ls and repo-get: how long each of pgBackRest's four tries to reach a store may
    /// take. None: as its configuration says, which is a minute each without a word there.
    std::optional<std::chrono::seconds> look_timeout = {};
};

/// The look_timeout under a configured io-timeout ("60", "1m"; none when it is not set): five seconds,
/// or none when the configured one is no longer.
[[nodiscard]] std::optional<std::chrono::seconds> look_timeout(
    const std::optional<std::string>& configured);

/// The whole argv. Jobs log as --log-level-console=detail --log-level-stderr=off
/// --log-level-file=off (one ordered stream with progress in it); info and version with the console
/// off, since a configured level would pollute their output; repo-ls and repo-get say on stderr why
/// they failed.
[[nodiscard]] std::vector<std::string> to_argv(const invocation& how, const command& what);

/// Where the WAL of one cluster lies in a repo: "archive/main/15-1". Fails with `invalid` when `id`
/// is not a version and a number.
[[nodiscard]] result<std::string> archive_path(std::string_view stanza, std::string_view id);

/// The same as one line for a shell, quoted where needed: what an operator may paste.
[[nodiscard]] std::string to_shell(const std::vector<std::string>& argv);

/// Whether `name` can be a stanza: letters, digits, '-', '_', '.', first a letter or digit, at
/// most 64.
[[nodiscard]] result<> validate_stanza(std::string_view name);

/// Whether `number` can be a repo's: 1 to 256.
[[nodiscard]] result<> validate_repo(int number);

/// Whether every field of `what` can stand on argv; the failure names the field and the value.
[[nodiscard]] result<> validate(const backup& what);
[[nodiscard]] result<> validate(const expire& what);
[[nodiscard]] result<> validate(const annotate& what);

} // namespace restpoint::backrest
