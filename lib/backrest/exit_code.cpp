#include "backrest/exit_code.hpp"

#include <algorithm>
#include <array>

namespace restpoint::backrest {

namespace {

constexpr std::string_view report_it =
    "this is a defect of pgBackRest: keep the log and report it to the pgBackRest project with the "
    "version and the command";

/// Ordered by code. The names are pgBackRest's own; meanings and hints are ours, written from what
/// the code was seen for.
constexpr auto table = std::to_array<exit_meaning>({
    {0, "success", "the command did what it was asked to do", ""},
    {25, "assert", "pgBackRest ran into a state that its own code rules out", report_it},
    {26, "checksum", "a file's content does not have the checksum that the backup recorded",
     "a file in the repo is damaged: run verify to learn which sets it touches, check the repo's "
     "disk, and make a full backup, since later sets may refer to the damaged file"},
    {27, "config", "the configuration does not fit what is there, often no running PostgreSQL",
     "check that PostgreSQL runs and that pg1-path, pg1-port and pg1-socket-path in "
     "pgbackrest.conf are those of the running server"},
    {28, "file-invalid",
     "a file is there but belongs to another database or is not what it should "
     "be",
     "the stanza was made for another cluster: correct pg1-path or the stanza's name, or run "
     "stanza-upgrade after an upgrade of PostgreSQL; do not delete the repo's info files"},
    {29, "format", "a file of pgBackRest or PostgreSQL cannot be parsed",
     "the message names the file: if it is backup.info or archive.info, compare it with its .copy "
     "and look for a full or failing disk"},
    {30, "command-required", "pgBackRest was called without a command",
     "check the configured binary: a wrapper script must pass all of its arguments on"},
    {31, "option-invalid",
     "an option is not known to this version, or not allowed for this command",
     "the message names the option: remove it from pgbackrest.conf or install a pgBackRest that "
     "has it; passwords and keys belong into the configuration, never on the command line"},
    {32, "option-invalid-value", "an option has a value that is not allowed",
     "the message names the option and the value: correct it in pgbackrest.conf or in the request"},
    {37, "option-required",
     "an option that the command needs is missing, often because the stanza "
     "has no section in the configuration",
     "check that pgbackrest.conf is the file you mean and has a section for this stanza with "
     "pg1-path in it"},
    {38, "pg-running", "PostgreSQL seems to run in the directory that would be overwritten",
     "stop PostgreSQL first; only the file postmaster.pid is looked at, so after a crash make "
     "sure that no server is left before you remove it"},
    {39, "protocol",
     "pgBackRest's processes lost step with each other, often because a worker was "
     "killed",
     "look for the out-of-memory killer in the kernel's log, compare the pgBackRest versions on "
     "all "
     "hosts, and run the command again"},
    {40, "path-not-empty", "a directory that must be empty holds files",
     "restore into an empty directory; --delta overwrites what is there and has no way back"},
    {41, "file-open", "a file cannot be opened, mostly for lack of permission",
     "the message names the file: the repo and the data directory must be readable and writable "
     "for the user that runs pgBackRest; a command once run as root leaves files of root"},
    {42, "file-read", "a file was opened and then could not be read",
     "look in the kernel's log for disk errors, and check the mount or the network behind the path "
     "in the message"},
    {43, "param-required", "a parameter of the command is missing",
     "check the configured binary and archive_command: archive-push needs %p, archive-get needs a "
     "segment and a path"},
    {44, "archive-mismatch", "WAL comes from another cluster than the one the stanza was made for",
     "the archive_command of another server points at this stanza, or PostgreSQL was upgraded or "
     "made anew: correct --stanza in archive_command, or run stanza-upgrade"},
    {45, "archive-duplicate",
     "a WAL segment of this name is in the repo already, with other content",
     "two servers archive into one stanza, or a cluster was restored and a timeline written "
     "twice: archiving stands still until this is cleared, so find the second writer first"},
    {46, "version-not-supported", "this pgBackRest does not support this version of PostgreSQL",
     "install a pgBackRest that supports it, on every host that takes part"},
    {47, "path-create", "a directory cannot be created",
     "the message names the path: create it and give it to the user that runs pgBackRest, and "
     "check that the file system is mounted and writable"},
    {48, "command-invalid", "pgBackRest does not know this command",
     "this pgBackRest is older or newer than the command: check the version and the configured "
     "binary"},
    {49, "host-connect", "a host cannot be reached",
     "check name, port, firewall and certificate of the repo host or object store in the message"},
    {50, "lock-acquire", "the stanza's lock cannot be taken",
     "if the message says 'temporarily unavailable', another backup, expire, stanza-create or "
     "annotate runs: wait for it, workers of a killed backup hold the lock too; if it says "
     "'permission denied', it is no lock at all: lock-path and the lock file must be writable for "
     "the user that runs pgBackRest"},
    {51, "backup-mismatch", "the cluster at pg1-path is not the one the stanza's backups are of",
     "check that stanza and pg1-path belong together; after an upgrade of PostgreSQL run "
     "stanza-upgrade; a cluster made anew by initdb needs a stanza of its own"},
    {52, "file-sync", "a file could not be flushed to disk",
     "treat the file as not written: look for disk errors in the kernel's log and run the command "
     "again"},
    {53, "path-open", "a directory cannot be opened",
     "the message names the path: check its permissions for the user that runs pgBackRest, and "
     "that it is mounted"},
    {54, "path-sync", "a directory could not be flushed to disk",
     "look for disk errors in the kernel's log and run the command again; some network file "
     "systems cannot do it at all"},
    {55, "file-missing", "a file that the command needs is not there",
     "if it is backup.info or archive.info, either stanza-create was never run or the repo is not "
     "mounted: check the mount first, then run stanza-create; if it is the configuration, correct "
     "its path; if it is a file of a backup, run verify and make a full backup"},
    {56, "db-connect", "no connection to PostgreSQL, or none to a primary",
     "check that PostgreSQL runs and has ended its recovery, that pg1-port and pg1-socket-path are "
     "right, and that a role with the name of the user that runs pgBackRest (or pg1-user) may log "
     "in; the warnings above the error name the cause"},
    {57, "db-query", "PostgreSQL refused a query of pgBackRest",
     "the role needs the rights of a superuser, or pg_read_all_settings and EXECUTE on the backup "
     "functions; the message holds PostgreSQL's own words"},
    {58, "db-mismatch", "what PostgreSQL says of itself differs from its control file",
     "pg1-path and pg1-port belong to different servers: correct one of them"},
    {60, "file-remove", "a file could not be removed",
     "the message names the file: check owner, permissions and whether the storage is read-only or "
     "locks its objects"},
    {61, "path-remove", "a directory could not be removed",
     "the message names the path: check owner and permissions, and whether somebody else writes "
     "into it"},
    {62, "stop",
     "pgBackRest was told to stop for this stanza and refuses to work until it is "
     "started",
     "somebody ran 'pgbackrest stop': archiving stands still as well and WAL piles up; run "
     "'pgbackrest start' when the reason is gone"},
    {63, "term", "the command was ended by TERM, INT or HUP before it was done",
     "run it again; a backup cut off left no set behind, and the next one of the same type may "
     "resume it"},
    {64, "file-write", "a file could not be written, mostly because the disk is full",
     "check free space and quota of the repo first, even if the message does not say so; make room "
     "by expiring or by a larger disk: expire needs a little free space itself"},
    {67, "feature-not-supported", "this build of pgBackRest lacks the feature",
     "install a build that has it, or take the option out of pgbackrest.conf"},
    {68, "archive-command-invalid", "PostgreSQL's archive_command does not call pgbackrest",
     "set archive_command = 'pgbackrest --stanza=NAME archive-push %p' and reload PostgreSQL; only "
     "the word is looked for, so test it with check"},
    {69, "link-expected", "a path that the backup knows as a symbolic link is something else",
     "restore with --link-all or --link-map, or put the link back"},
    {70, "link-destination", "a symbolic link points to a place that cannot be used",
     "the message names the link: it must not point into the data directory or at another link"},
    {72, "host-invalid",
     "a host is configured where none may be, or not configured where one must "
     "be",
     "run the command on the host it belongs to: backup and expire on the repo host, archive-push "
     "and restore on the PostgreSQL host; check repo1-host and pg1-host"},
    {73, "path-missing", "a directory that the command needs is not there",
     "the message names the path: check that it is mounted, and that pg1-path and repo1-path are "
     "right"},
    {74, "file-move", "a file could not be renamed",
     "the message names the files: check permissions, free space and that both are on the same "
     "file "
     "system"},
    {75, "backup-set-invalid", "no backup set fits what was asked for",
     "the label does not exist, or the time asked for is before the end of the oldest backup: "
     "choose a set or a later time from info"},
    {76, "tablespace-map", "a tablespace cannot be mapped to the place asked for",
     "check the names in --tablespace-map against info --set; each needs a directory of its own"},
    {78, "link-map", "a symbolic link cannot be mapped to the place asked for",
     "check the names in --link-map against info --set; each needs a place of its own"},
    {79, "file-close", "a file could not be closed, so its content is not safe",
     "look for a full disk, a quota or a network file system that went away, and run the command "
     "again"},
    {80, "db-missing", "the database asked for is not in the backup",
     "check the name with info --set; databases made after the backup are not in it"},
    {81, "db-invalid", "the database asked for cannot be chosen",
     "template0, template1 and postgres are always restored: leave them out of the list"},
    {82, "archive-timeout", "a WAL segment did not reach the repo within archive-timeout",
     "archive_command fails or is slow: look in PostgreSQL's log for archive-push and at "
     "pg_stat_archiver; common causes are a wrong --stanza, a repo of several that is missing or "
     "full, and a stanza stopped by 'pgbackrest stop'; the data directory fills up meanwhile"},
    {83, "file-mode", "a file's permissions could not be set",
     "the message names the file: check that the file system supports permissions and that the "
     "user that runs pgBackRest owns the file"},
    {87, "archive-disabled", "PostgreSQL does not archive its WAL",
     "set archive_mode = on and archive_command in postgresql.conf and restart PostgreSQL; a "
     "reload "
     "is not enough"},
    {88, "file-owner", "a file's owner could not be set, or is not the expected one",
     "run pgBackRest as the user that owns the data directory, mostly postgres"},
    {89, "user-missing", "a user or group is not known on this host",
     "create the user or group in the message, or correct the name in pgbackrest.conf"},
    {93, "file-exists", "a file is there that must not be",
     "the message names the file: find out who made it before you move it away; another pgBackRest "
     "may be at work"},
    {94, "memory", "pgBackRest could not get the memory it asked for",
     "raise the memory limit of the container or service, or lower process-max and buffer-size"},
    {95, "crypto", "encryption or decryption failed",
     "check repo1-cipher-type and repo1-cipher-pass: they must be those the repo was made with; a "
     "certificate or key file may be unreadable"},
    {96, "param-invalid", "a parameter of the command is not allowed",
     "check the configured binary and archive_command for words too many"},
    {97, "path-close", "a directory could not be closed",
     "look for disk errors in the kernel's log and run the command again"},
    {98, "file-info", "the properties of a file cannot be read",
     "the message names the file: check permissions of it and of every directory above it, and "
     "that "
     "it is mounted"},
    {99, "json-format", "JSON could not be parsed",
     "the message names its source: a file of the repo or the lock path is damaged, or two "
     "versions of pgBackRest speak to each other"},
    {100, "kernel", "the operating system refused something basic",
     "look in the kernel's log, and at the limits of processes and open files of the service"},
    {101, "service", "the object store answered with an error of its own",
     "run it again later; when it stays, look at the store's status page and rate limits: the "
     "message holds its answer"},
    {102, "execute", "a program that pgBackRest starts could not be started or failed",
     "mostly ssh: log in by hand as the user that runs pgBackRest, and check pgbackrest's path on "
     "the other host (repo1-host-cmd, pg1-host-cmd)"},
    {103, "repo-invalid", "none of the configured repos could be used",
     "each repo's own reason stands in the message: mend at least one of them"},
    {104, "command", "the command met errors on the way and did not do all of its work",
     "the errors above the last one say why, one per repo: with expire they leave old backups in "
     "place, and a full repo is the common cause"},
    {105, "access", "the storage refused the key or the rights",
     "check the key, its rights on bucket and path, its expiry, and that the host's clock is "
     "right"},
    {106, "clock", "the clock or the time zone changed while the command ran",
     "check time synchronisation of every host that takes part, and run the command again"},
    {122, "runtime", "pgBackRest met an error it has no name for", report_it},
    {124, "unhandled", "an error went past pgBackRest's own handling",
     "if the log speaks of writing to stdout, the reader of its output went away; else keep the "
     "log and report it to the pgBackRest project"},
    {125, "unknown", "a program that pgBackRest started gave no reason for its failure",
     "mostly ssh or the other host's pgbackrest: read the message, and run the same by hand as the "
     "user that runs pgBackRest"},
    {126, "unknown", "the program was found and could not be executed",
     "check that the configured binary is executable for this user and made for this machine"},
    {127, "unknown", "the program was not found, or a library of it is missing",
     "install pgBackRest or correct the configured binary; 'ldd' names a missing library"},
});

// uncovered: runs while it is compiled
static_assert(std::is_sorted(table.begin(), table.end(), [](const auto& a, const auto& b) {
    return a.code < b.code;
}));

} // namespace

exit_meaning explain_exit(int code) {
    const auto* const found = std::lower_bound(
        table.begin(), table.end(), code,
        [](const exit_meaning& entry, int wanted) { return entry.code < wanted; });
    if (found != table.end() && found->code == code) {
        return *found;
    }
    return {
        code, "unknown", "no version of pgBackRest that is known has this exit code",
        "read the end of the log; a wrapper script around the configured binary may have made the "
        "code"};
}

} // namespace restpoint::backrest
