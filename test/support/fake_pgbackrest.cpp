// Stands in for pgbackrest in component tests: takes its arguments, writes lines as pgBackRest 2.45
// does (one write(2) each), and behaves as FAKE_PGBACKREST_MODE says. Uses nothing of restpoint.
//
// Commands
//   version              "pgBackRest 2.45", whatever the mode
//   info                 prints the file FAKE_PGBACKREST_INFO (with --output=json) or
//                        FAKE_PGBACKREST_INFO_TEXT (otherwise), else an empty stanza; takes notice
//                        of the modes hung-info and info-fails alone
//   repo-ls, repo-get     print the file FAKE_LISTING or FAKE_HISTORY; exit 55 where it is not there
//   backup, check, stanza-create, verify, expire and all others: jobs, which behave by mode
//
// Modes of a job (FAKE_PGBACKREST_MODE)
//   ok             the usual lines, exit 0 (the default); backup is followed by expire
//   fail           ERROR: [082] with HINTs, "aborted with exception [082]", exit FAKE_EXIT (82)
//   slow           FAKE_LINES (10) detail lines, one every FAKE_INTERVAL_MS (100), then ok
//   flood          FAKE_BYTES (64 MiB) of detail lines as fast as they are taken, then ok; the file
//                  FAKE_TIMES gets "TOTAL LONGEST\n": microseconds spent in write(2), longest one
//   hang           begins, and waits until a signal ends it
//   stubborn       begins, ignores TERM and INT, waits
//   workers        forks FAKE_WORKERS (2, at most 4) children that write a line every
//                  FAKE_INTERVAL_MS and go on when the leader alone is terminated; ends ok (and
//                  ends the workers) when the file FAKE_GATE is there, if that is set
//   copies         a child reads FAKE_BYTES (4 MiB) of the file FAKE_FILE and holds it open; ends ok
//                  when the file FAKE_GATE is there
//   orphan         exits 0 at once; a child lingers for FAKE_LINGER_MS (1000) with the pipe open
//   crash          begins, dies of SIGSEGV
//   expire-fails   the backup completes, the expire is aborted [104], exit 104
//   wait-for-file  begins, and ends ok once the file FAKE_GATE is there
//   noise          FAKE_LINES (10000) "reference …" lines, then ok
//   html           lines with markup, control characters and bytes that are not UTF-8, then ok
//   long           one line of FAKE_BYTES (200000) bytes, then ok without a newline at the end
//   bad-files      verify finds a corrupt file, says so and exits 0
//   hung-info      info alone waits for the file FAKE_GATE (without one: for ever)
//   info-fails     info alone fails: ERROR: [055], exit 55
//
// For all modes
//   FAKE_ARGV      a file that gets one line per call: the arguments, separated by blanks
//   FAKE_ARGV_WORDS  the same, each argument as "%2d%78": every byte as it came
//   FAKE_PIDS      a file that gets the pid of each process of a job, one per line
//   FAKE_STUBBORN  =1: the children of workers and orphan ignore TERM
//   FAKE_ESCAPE    =1: those children have a session of their own
//   TERM and INT end it as they end pgBackRest: "terminated on signal [SIGTERM]", exit 63. Nothing
//   lives longer than five minutes.

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono;

constexpr std::string_view version = "2.45";
constexpr int max_workers = 4;
constexpr unsigned lifetime_s = 300;

std::string text_of(const char* name, std::string_view otherwise = "") {
    const char* value = std::getenv(name);
    return value != nullptr ? std::string(value) : std::string(otherwise);
}

std::int64_t number_of(const char* name, std::int64_t otherwise) {
    const char* value = std::getenv(name);
    return value != nullptr ? std::strtoll(value, nullptr, 10) : otherwise;
}

struct arguments {
    std::string command;
    std::map<std::string, std::string> options; ///< without the dashes

    std::string option(const std::string& name, const std::string& otherwise = "") const {
        const auto found = options.find(name);
        return found == options.end() ? otherwise : found->second;
    }
};

arguments parse(int argc, char** argv) {
    arguments out;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word.starts_with("--")) {
            const auto equals = word.find('=');
            const auto name = word.substr(2, equals == word.npos ? word.npos : equals - 2);
            out.options.insert_or_assign(
                std::string(name), equals == word.npos ? "" : std::string(word.substr(equals + 1)));
        } else if (out.command.empty()) {
            out.command = word;
        }
    }
    return out;
}

/// Appends one line to a file that several processes may write.
void note(const std::string& path, const std::string& line) {
    if (path.empty()) {
        return;
    }
    const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    const auto whole = line + "\n";
    if (fd < 0 || ::write(fd, whole.data(), whole.size()) < 0) {
        std::perror("fake_pgbackrest: cannot take notes");
    }
    ::close(fd);
}

void put_digits(char* to, int width, unsigned value) {
    for (int i = width - 1; i >= 0; --i, value /= 10) {
        to[i] = static_cast<char>('0' + value % 10);
    }
}

/// "2026-11-22 06:42:35.140" in UTC; safe in a signal handler.
std::array<char, 23> stamp() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    const sys_seconds t{seconds{now.tv_sec}};
    const year_month_day date{floor<days>(t)};
    const hh_mm_ss clock{t - floor<days>(t)};
    std::array<char, 23> out{};
    std::memcpy(out.data(), "0000-00-00 00:00:00.000", out.size());
    put_digits(out.data(), 4, static_cast<unsigned>(int(date.year())));
    put_digits(out.data() + 5, 2, unsigned(date.month()));
    put_digits(out.data() + 8, 2, unsigned(date.day()));
    put_digits(out.data() + 11, 2, static_cast<unsigned>(clock.hours().count()));
    put_digits(out.data() + 14, 2, static_cast<unsigned>(clock.minutes().count()));
    put_digits(out.data() + 17, 2, static_cast<unsigned>(clock.seconds().count()));
    put_digits(out.data() + 20, 3, static_cast<unsigned>(now.tv_nsec / 1'000'000));
    return out;
}

std::int64_t total_write_us = 0;
std::int64_t longest_write_us = 0;

/// One write(2) per line, as pgBackRest does it; a reader that is gone ends us as it ends
/// pgBackRest.
void put(std::string_view data) {
    while (!data.empty()) {
        const auto before = steady_clock::now();
        const auto n = ::write(STDOUT_FILENO, data.data(), data.size());
        const auto took = duration_cast<microseconds>(steady_clock::now() - before).count();
        total_write_us += took;
        longest_write_us = std::max(longest_write_us, took);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            ::_exit(124);
        }
        data.remove_prefix(static_cast<std::size_t>(n));
    }
}

void line(std::string_view process, std::string_view level, std::string_view text) {
    const auto time = stamp();
    std::string out(time.data(), time.size());
    out.append(" ").append(process).append(level.size() < 6 ? 7 - level.size() : 1, ' ');
    out.append(level).append(": ");
    for (const char c : text) {
        out.push_back(c);
        if (c == '\n') {
            out.append(36, ' ');
        }
    }
    out.push_back('\n');
    put(out);
}

void info(std::string_view text) {
    line("P00", "INFO", text);
}

std::string three_digits(std::int64_t code) {
    std::string out = std::to_string(code);
    return out.size() < 3 ? std::string(3 - out.size(), '0') + out : out;
}

// What the handler says; set before the handler is.
std::array<char, 64> running_command{};

void end_by_signal(int signal) {
    std::array<char, 256> out{};
    std::size_t size = 0;
    const auto add = [&](std::string_view text) {
        const auto n = std::min(text.size(), out.size() - size);
        std::memcpy(out.data() + size, text.data(), n);
        size += n;
    };
    const auto time = stamp();
    add({time.data(), time.size()});
    add(" P00   INFO: ");
    add(running_command.data());
    add(" command end: terminated on signal [");
    add(signal == SIGTERM ? "SIGTERM" : "SIGINT");
    add("]\n");
    [[maybe_unused]] const auto n = ::write(STDOUT_FILENO, out.data(), size);
    ::_exit(63);
}

void on_end_signals(void (*handler)(int)) {
    struct sigaction action{};
    action.sa_handler = handler;
    ::sigaction(SIGTERM, &action, nullptr);
    ::sigaction(SIGINT, &action, nullptr);
}

[[noreturn]] void wait_for_ever() {
    for (;;) {
        ::pause();
    }
}

bool exists(const std::string& path) {
    return ::access(path.c_str(), F_OK) == 0;
}

void wait_for_gate() {
    const auto gate = text_of("FAKE_GATE");
    if (gate.empty()) {
        wait_for_ever();
    }
    while (!exists(gate)) {
        std::this_thread::sleep_for(milliseconds{5});
    }
}

void pause_between_lines(std::int64_t otherwise_ms) {
    std::this_thread::sleep_for(milliseconds{number_of("FAKE_INTERVAL_MS", otherwise_ms)});
}

std::string options_of(const arguments& args) {
    std::string out;
    for (const auto& [name, value] : args.options) {
        out += out.empty() ? "--" : " --";
        out += value.empty() ? name : name + "=" + value;
    }
    return out;
}

void begin(const arguments& args) {
    info(args.command + " command begin " + std::string(version) + ": " + options_of(args));
}

void completed(std::string_view command) {
    info(std::string(command) + " command end: completed successfully (12ms)");
}

void aborted(std::string_view command, std::int64_t code) {
    info(
        std::string(command) + " command end: aborted with exception [" + three_digits(code) + "]");
}

void detail(std::int64_t number, std::int64_t of) {
    std::array<char, 160> text{};
    std::snprintf(
        text.data(), text.size(),
        "backup file /var/lib/postgresql/data/base/16384/%lld (8KB, %.2f%%) checksum "
        "c7a0b309791cf7a55cb9ad689732b118b49b417e",
        static_cast<long long>(16384 + number),
        100.0 * static_cast<double>(number) / static_cast<double>(of));
    line("P01", "DETAIL", text.data());
}

std::string label_of(const std::string& type) {
    const std::string_view full = "20261122-064235F";
    if (type == "full" || type.empty()) {
        return std::string(full);
    }
    return std::string(full) + (type == "diff" ? "_20261122-064331D" : "_20261122-064334I");
}

void backup_begins(const arguments& args) {
    const auto type = args.option("type", "incr");
    if (type != "full") {
        info("last backup label = 20261122-064235F, version = " + std::string(version));
    }
    info("execute non-exclusive backup start: backup begins after the requested immediate "
         "checkpoint completes");
    info("backup start archive = 000000010000000000000053, lsn = 0/53000028");
    info("check archive for prior segment 000000010000000000000052");
}

void backup_ends(const arguments& args) {
    const auto type = args.option("type", "incr");
    info("execute non-exclusive backup stop and wait for all WAL segments to archive");
    info("backup stop archive = 000000010000000000000054, lsn = 0/5401ACE8");
    line("P00", "DETAIL", "wrote 'backup_label' file returned from backup stop function");
    info("check archive for segment(s) 000000010000000000000053:000000010000000000000054");
    info("new backup label = " + label_of(type));
    info(type + " backup size = 1GB, file total = 1585");
    completed("backup");
}

void expire_begins(const arguments& args) {
    info(
        "expire command begin " + std::string(version) +
        ": --stanza=" + args.option("stanza", "main"));
}

void verify_text(const arguments& args) {
    if (args.option("output") != "text") {
        return;
    }
    const std::string report =
        "stanza: " + args.option("stanza", "main") +
        "\nstatus: ok\n  archiveId: 15-1, total WAL checked: 2, total valid WAL: 2\n"
        "  backup: 20261122-064235F, status: valid, total files checked: 3, total valid files: 3";
    info(report);
    put(report + "\n");
}

void first_words(const arguments& args) {
    begin(args);
    if (args.command == "backup") {
        backup_begins(args);
    } else if (args.command == "check") {
        info("check repo1 configuration (primary)");
        info("check repo1 archive for WAL (primary)");
    } else if (args.command == "stanza-create") {
        info("stanza-create for stanza '" + args.option("stanza", "main") + "' on repo1");
    }
}

int last_words(const arguments& args) {
    if (args.command != "backup") {
        if (args.command == "verify") {
            verify_text(args);
        }
        completed(args.command);
        return 0;
    }
    backup_ends(args);
    expire_begins(args);
    completed("expire");
    return 0;
}

/// verify as it is over a corrupt file: it says so, and exits 0.
int bad_files(const arguments& args) {
    line("P01", "INFO", "invalid checksum '20261122-064235F/pg_data/base/5/16384.gz'");
    const std::string report =
        "stanza: " + args.option("stanza", "main") +
        "\nstatus: error\n  backup: 20261122-064235F, status: invalid, total files checked: 3, "
        "total valid files: 2\n    checksum invalid: 1";
    info(report);
    put(report + "\n");
    completed(args.command);
    return 0;
}

int fail(const arguments& args) {
    const auto code = number_of("FAKE_EXIT", 82);
    line(
        "P00", "ERROR",
        "[" + three_digits(code) +
            "]: WAL segment 000000010000000000000001 was not archived before the 60000ms timeout\n"
            "HINT: check the archive_command to ensure that all options are correct (especially "
            "--stanza).\n"
            "HINT: check the PostgreSQL server log for errors.");
    aborted(args.command, code);
    return static_cast<int>(code);
}

int slow(const arguments& args) {
    const auto lines = number_of("FAKE_LINES", 10);
    for (std::int64_t i = 1; i <= lines; ++i) {
        detail(i, lines);
        pause_between_lines(100);
    }
    return last_words(args);
}

int flood(const arguments& args) {
    constexpr std::int64_t line_bytes = 155;
    const auto lines = number_of("FAKE_BYTES", 64 << 20) / line_bytes;
    total_write_us = longest_write_us = 0;
    for (std::int64_t i = 1; i <= lines; ++i) {
        detail(i, lines);
    }
    note(
        text_of("FAKE_TIMES"),
        std::to_string(total_write_us) + " " + std::to_string(longest_write_us));
    return last_words(args);
}

void prepare_child() {
    on_end_signals(number_of("FAKE_STUBBORN", 0) == 1 ? SIG_IGN : SIG_DFL);
    if (number_of("FAKE_ESCAPE", 0) == 1) {
        ::setsid();
    }
    ::alarm(lifetime_s); // alarms are not inherited
    note(text_of("FAKE_PIDS"), std::to_string(::getpid()));
}

[[noreturn]] void work(int number) {
    prepare_child();
    const auto name = "P0" + std::to_string(number);
    for (std::int64_t i = 1;; ++i) {
        line(name, "DETAIL", "backup file /var/lib/postgresql/data/base/1/" + std::to_string(i));
        pause_between_lines(20);
    }
}

int workers(const arguments& args) {
    const auto count = std::clamp<std::int64_t>(number_of("FAKE_WORKERS", 2), 0, max_workers);
    std::vector<pid_t> pids;
    for (int i = 1; i <= count; ++i) {
        const auto pid = ::fork();
        if (pid == 0) {
            work(i);
        }
        if (pid > 0) {
            pids.push_back(pid);
        }
    }
    wait_for_gate();
    for (const auto pid : pids) {
        ::kill(pid, SIGKILL); // whatever it ignores
        ::waitpid(pid, nullptr, 0);
    }
    return last_words(args);
}

/// Reads `bytes` of what `in` still holds.
void read_on(std::ifstream& in, std::int64_t bytes) {
    std::vector<char> block(1 << 16);
    for (std::int64_t left = bytes; left > 0 && in; left -= in.gcount()) {
        in.read(block.data(), std::min<std::int64_t>(left, std::ssize(block)));
    }
}

int copies(const arguments& args) {
    const auto bytes = number_of("FAKE_BYTES", 4 << 20);
    const auto pid = ::fork();
    if (pid == 0) {
        prepare_child();
        std::ifstream file(text_of("FAKE_FILE"), std::ios::binary);
        read_on(file, bytes);
        wait_for_gate();
        ::_exit(0);
    }
    ::waitpid(pid, nullptr, 0);
    return last_words(args);
}

int orphan(const arguments& args) {
    if (::fork() == 0) {
        prepare_child();
        std::this_thread::sleep_for(milliseconds{number_of("FAKE_LINGER_MS", 1000)});
        ::_exit(0);
    }
    return last_words(args);
}

int crash() {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    std::signal(SIGSEGV, SIG_DFL); // a sanitizer would report instead of dying of it
    std::raise(SIGSEGV);
    return 1;
}

int expire_fails(const arguments& args) {
    backup_ends(args);
    expire_begins(args);
    line(
        "P00", "ERROR",
        "[104]: expire command encountered 1 error(s), check the log file for details");
    aborted("expire", 104);
    return 104;
}

int noise(const arguments& args) {
    const auto lines = number_of("FAKE_LINES", 10000);
    for (std::int64_t i = 1; i <= lines; ++i) {
        line(
            "P00", "DETAIL",
            "reference pg_data/base/1/" + std::to_string(i) + " to 20261122-064235F");
    }
    return last_words(args);
}

int html(const arguments& args) {
    info("annotation <script>alert('restpoint')</script> & \"quotes\" &amp; '</pre>'");
    line("P01", "DETAIL", "backup file /data/\xff\xfe\x80 (8KB, 50.00%) \xc3\x28 \xe2\x82");
    line("P01", "DETAIL", "backup file /data/\x1b[31mred\x1b[0m\a\r (8KB, 60.00%)");
    line("P00", "WARN", "two\nlines <b>of one</b> entry");
    put("<img src=x onerror=alert(1)>\n");
    return last_words(args);
}

int long_line(const arguments& args) {
    const auto bytes = static_cast<std::size_t>(number_of("FAKE_BYTES", 200000));
    put(std::string(bytes, 'x') + "\n");
    const auto code = last_words(args);
    put("no newline at the end");
    return code;
}

void print_file(const std::string& path) {
    const std::ifstream in(path, std::ios::binary);
    if (!in) {
        std::cerr << "fake_pgbackrest: cannot read '" << path << "'\n";
        std::exit(1);
    }
    std::cout << in.rdbuf() << std::flush;
}

int print_info(const arguments& args, const std::string& mode) {
    if (mode == "hung-info") {
        wait_for_gate();
    } else if (mode == "info-fails") {
        put("ERROR: [055]: unable to open missing file '/etc/pgbackrest/pgbackrest.conf' for "
            "read\n");
        return 55;
    }
    const auto json = args.option("output") == "json";
    const auto file = text_of(json ? "FAKE_PGBACKREST_INFO" : "FAKE_PGBACKREST_INFO_TEXT");
    const auto stanza = args.option("stanza", "main");
    if (!file.empty()) {
        print_file(file);
    } else if (json) {
        put(R"([{"archive":[{"database":{"id":1,"repo-key":1},"id":"15-1","max":null,"min":null}],)"
            R"("backup":[],"cipher":"none","db":[{"id":1,"repo-key":1,)"
            R"("system-id":7710882128658008358,"version":"15"}],"name":")" +
            stanza +
            R"(","repo":[{"cipher":"none","key":1,"status":{"code":2,"message":)"
            R"("no valid backups"}}],"status":{"code":2,"lock":{"backup":{"held":false}},)"
            R"("message":"no valid backups"}}])");
    } else {
        put("stanza: " + stanza +
            "\n    status: error (no valid backups)\n    cipher: none\n\n"
            "    db (current)\n        wal archive min/max (15): none present\n");
    }
    return 0;
}

/// As pgBackRest says it when only errors go to stderr.
int print_of_repo(const char* which) {
    const auto path = text_of(which);
    if (path.empty() || !exists(path)) {
        std::cerr << "ERROR: [055]: unable to open missing file in the repo\n";
        return 55;
    }
    print_file(path);
    return 0;
}

int run_job(const arguments& args, const std::string& mode) {
    note(text_of("FAKE_PIDS"), std::to_string(::getpid()));
    const auto size = std::min(args.command.size(), running_command.size() - 1);
    std::memcpy(running_command.data(), args.command.data(), size);
    on_end_signals(mode == "stubborn" ? SIG_IGN : end_by_signal);
    first_words(args);
    if (mode == "hang" || mode == "stubborn") {
        wait_for_ever();
    }
    if (mode == "crash") {
        return crash();
    }
    if (mode == "wait-for-file") {
        wait_for_gate();
        return last_words(args);
    }
    const std::map<std::string_view, int (*)(const arguments&)> behaviours{
        {"ok", last_words},
        {"hung-info", last_words},
        {"info-fails", last_words},
        {"fail", fail},
        {"slow", slow},
        {"flood", flood},
        {"workers", workers},
        {"orphan", orphan},
        {"copies", copies},
        {"noise", noise},
        {"html", html},
        {"expire-fails", expire_fails},
        {"long", long_line},
        {"bad-files", bad_files},
    };
    const auto found = behaviours.find(mode);
    if (found == behaviours.end()) {
        std::cerr << "fake_pgbackrest: no such mode: '" << mode << "'\n";
        return 2;
    }
    return found->second(args);
}

std::string bytes_of(std::string_view word) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char c : word) {
        const auto byte = static_cast<unsigned char>(c);
        text += '%';
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text;
}

} // namespace

int main(int argc, char** argv) {
    ::alarm(lifetime_s);
    std::signal(SIGPIPE, SIG_IGN);
    const auto args = parse(argc, argv);
    std::string all;
    std::string bytes;
    for (int i = 1; i < argc; ++i) {
        all += (i > 1 ? " " : "") + std::string(argv[i]);
        bytes += (i > 1 ? " " : "") + bytes_of(argv[i]);
    }
    note(text_of("FAKE_ARGV_WORDS"), bytes);
    note(text_of("FAKE_ARGV"), all);
    const auto mode = text_of("FAKE_PGBACKREST_MODE", "ok");
    if (args.command == "version") {
        put("pgBackRest " + std::string(version) + "\n");
        return 0;
    }
    if (args.command == "info") {
        return print_info(args, mode);
    }
    if (args.command == "repo-ls" || args.command == "repo-get") {
        return print_of_repo(args.command == "repo-ls" ? "FAKE_LISTING" : "FAKE_HISTORY");
    }
    if (args.command.empty()) {
        put("ERROR: [048]: no command found\n");
        return 48;
    }
    return run_job(args, mode);
}
