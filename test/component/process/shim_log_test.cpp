// What reaches jobs/ID.log of hostile output and on a full disk.
#include "process/shim_log.hpp"
#include "shim_fixture.hpp"

#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>

using namespace shim_test;
using restpoint::unique_fd;

namespace {

shim_log log_at(const std::string& path, std::size_t cap = 512U << 20U) {
    unique_fd fd{::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)};
    REQUIRE(fd);
    return {std::move(fd), cap, judge, own_line};
}

/// A file system of its own, so that a full disk is full for nobody else; in a name space of its
/// own, so that nothing stays mounted however the test ends.
class small_disk {
  public:
    explicit small_disk(std::filesystem::path at) : at_(std::move(at)) {
        std::filesystem::create_directory(at_);
        static const bool is_private = ::unshare(CLONE_NEWNS) == 0;
        mounted_ = is_private && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                   ::mount("restpoint-test", at_.c_str(), "tmpfs", 0, "size=512k") == 0;
    }
    small_disk(const small_disk&) = delete;
    small_disk& operator=(const small_disk&) = delete;
    ~small_disk() {
        if (mounted_) {
            ::umount2(at_.c_str(), MNT_DETACH);
        }
    }

    [[nodiscard]] bool is_there() const {
        if (!mounted_) {
            WARN("SKIPPED: a full disk needs a mount, which this user may not make");
            CHECK(std::getenv("CI") == nullptr);
        }
        return mounted_;
    }
    [[nodiscard]] const std::filesystem::path& path() const { return at_; }

    void fill() const {
        std::ofstream ballast(at_ / "ballast", std::ios::binary);
        while (ballast << std::string(4096, 'b') << std::flush) {
        }
    }
    void free() const { std::filesystem::remove(at_ / "ballast"); }

  private:
    std::filesystem::path at_;
    bool mounted_ = false;
};

constexpr std::size_t many = 20'000;

/// Lines of 12 bytes: less than the small disk holds, but more than one read of the shim takes.
std::string many_lines() {
    std::string out;
    for (std::size_t i = 0; i < many; ++i) {
        out += "line " + std::to_string(100'000 + i) + "\n";
    }
    return out;
}

/// Whether the shim has taken all that the child has written.
bool is_drained(const job_files& files) {
    const auto child = child_of(files);
    const auto link = "/proc/" + std::to_string(child ? child->pid : 0) + "/fd/1";
    const unique_fd pipe{::open(link.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)};
    int waiting = -1;
    return ::ioctl(pipe.get(), FIONREAD, &waiting) == 0 && waiting == 0;
}

} // namespace

TEST_CASE("wherever a read ends, the log is the same", "[process][component]") {
    const temporary_folder folder;
    const std::string written =
        "first\n\nreference pg_data/1 to X\nlast but one\r\n\xff\xfe\n DETAIL: no end of line";
    const std::string expected = "first\n\nlast but one\r\n\xff\xfe\n DETAIL: no end of line\n";

    for (std::size_t cut = 0; cut <= written.size(); ++cut) {
        for (const std::size_t second : {cut, std::min(cut + 3, written.size())}) {
            CAPTURE(cut, second);
            const auto path = folder.file("log");
            std::filesystem::remove(path);
            auto log = log_at(path);
            log.take(std::string_view(written).substr(0, cut));
            log.take(std::string_view(written).substr(cut, second - cut));
            log.take(std::string_view(written).substr(second));
            CHECK_THAT(content(path), !ContainsSubstring("no end"));
            log.finish();
            REQUIRE(content(path) == expected);
            CHECK(log.so_far().lines == 5);
            CHECK(log.so_far().noise == 1);
            CHECK(log.so_far().bytes == expected.size());
        }
    }
}

TEST_CASE("a long line is written before its end has come", "[process][component]") {
    const temporary_folder folder;
    const auto path = folder.file("log");
    auto log = log_at(path);
    const std::string piece(100'000, 'x');

    log.take(piece);
    CHECK(content(path).size() == piece.size());
    log.take(piece);
    log.take("\nnext\n");
    log.finish();

    CHECK((content(path) == piece + piece + "\nnext\n"));
    CHECK(log.so_far().lines == 2);
}

TEST_CASE("a long line of noise is left out to its end", "[process][component]") {
    const temporary_folder folder;
    const auto path = folder.file("log");
    auto log = log_at(path);

    log.take("reference pg_data/" + std::string(100'000, 'x'));
    log.take(std::string(100'000, 'x'));
    log.take("the end of it\nnext\n");
    log.finish();

    CHECK(content(path) == "next\n");
    CHECK(log.so_far().noise == 1);
}

TEST_CASE("long lines come through the shim as they are", "[process][component]") {
    const temporary_folder folder;
    running_shim shim(folder.path(), fake("long", {{"FAKE_BYTES", "3000000"}}));

    shim.give_word();
    const auto report = shim.report();

    const auto log = shim.log();
    CHECK_THAT(log, ContainsSubstring("\n" + std::string(3'000'000, 'x') + "\n"));
    CHECK_THAT(log, ContainsSubstring("\nno newline at the end\n"));
    CHECK(report.bytes == log.size());
    CHECK(report.lines == occurrences(log, "\n"));
}

TEST_CASE(
    "past the cap detail lines are counted, said once, and others kept", "[process][component]") {
    const temporary_folder folder;
    auto what = fake("slow", {{"FAKE_LINES", "200"}, {"FAKE_INTERVAL_MS", "0"}});
    what.detail_cap = 8192;
    running_shim shim(folder.path(), what);

    shim.give_word();
    const auto report = shim.report();

    const auto log = shim.log();
    const auto kept = occurrences(log, " P01 DETAIL: ");
    CHECK(kept > 0);
    CHECK(kept < 200);
    CHECK(occurrences(log, "\nRST detail lines are left out") == 1);
    CHECK_THAT(log, ContainsSubstring("expire command end: completed successfully"));
    // The one detail line of the last words is past the cap as well.
    CHECK(report.dropped == 200 - kept + 1);
}

TEST_CASE("a log that may not grow costs lines and nothing else", "[process][component]") {
    const temporary_folder folder;
    const auto written = many_lines();
    put(folder.file("written"), written);
    auto what = shell("cat '" + folder.file("written") + "'; exit 3");
    what.before = [] {
        const rlimit little{100'005, 100'005};
        ::setrlimit(RLIMIT_FSIZE, &little);
    };
    running_shim shim(folder.path(), what);

    shim.give_word();
    const auto report = shim.report();

    CHECK(report.exit_code == 3);
    const auto log = shim.log();
    CHECK(log.ends_with('\n'));
    CHECK((log == written.substr(0, log.size())));
    CHECK(log.size() == 100'005 / 12 * 12);
    CHECK(report.lines == log.size() / 12);
    CHECK(report.lines + report.dropped == many);
}

TEST_CASE("a full disk costs lines, and says so when there is room", "[process][component]") {
    const temporary_folder folder;
    const small_disk disk(folder.path() / "disk");
    if (!disk.is_there()) {
        return;
    }
    put(folder.file("written"), many_lines());
    running_shim shim(
        disk.path(),
        shell(
            "cat '" + folder.file("written") + "'; touch '" + folder.file("written-all") +
            "'; while [ ! -e '" + folder.file("gate") + "' ]; do sleep 0.01; done; echo after"));
    REQUIRE(
        eventually([&] { return std::filesystem::exists(shim.files().exit.native() + ".tmp"); }));
    disk.fill();

    shim.give_word();
    REQUIRE(eventually([&] { return std::filesystem::exists(folder.file("written-all")); }));
    REQUIRE(eventually([&] { return is_drained(shim.files()); }));
    SECTION("with the child's next line") {
        disk.free();
        put(folder.file("gate"), "");
    }
    SECTION("while the child is silent") {
        disk.free();
        CHECK(shim.logs("lines were not written"));
        put(folder.file("gate"), "");
    }
    const auto report = shim.report();

    CHECK(report.exit_code == 0);
    const auto log = shim.log();
    CHECK(occurrences(log, "RST ") == 1);
    CHECK_THAT(log, ContainsSubstring("RST " + std::to_string(report.dropped) + " lines were not"));
    CHECK(report.dropped > 0);
    CHECK(log.ends_with("\nafter\n"));
    CHECK(report.dropped + occurrences("\n" + log, "\nline ") == many);
    CHECK(report.lines == occurrences(log, "\n"));
    CHECK(report.bytes == log.size());
}

TEST_CASE("a disk that stays full takes the report all the same", "[process][component]") {
    const temporary_folder folder;
    const small_disk disk(folder.path() / "disk");
    if (!disk.is_there()) {
        return;
    }
    running_shim shim(disk.path(), fake("noise"));
    REQUIRE(
        eventually([&] { return std::filesystem::exists(shim.files().exit.native() + ".tmp"); }));
    disk.fill();

    shim.give_word();
    const auto report = shim.report();

    CHECK(report.exit_code == 0);
    CHECK(report.noise == 10'000);
    CHECK(report.dropped > 0);
    CHECK(shim.log().size() == report.bytes);
}

TEST_CASE("on a disk that is full already nothing is started", "[process][component]") {
    const temporary_folder folder;
    const small_disk disk(folder.path() / "disk");
    if (!disk.is_there()) {
        return;
    }
    disk.fill();
    running_shim shim(disk.path(), fake("ok", {{"FAKE_PIDS", folder.file("pids")}}));

    CHECK(shim.wait() == static_cast<int>(shim_exit::no_room));
    CHECK_FALSE(std::filesystem::exists(folder.file("pids")));
    CHECK_FALSE(std::filesystem::exists(shim.files().exit));
    CHECK_FALSE(tree_is_alive(shim.files()));
}

TEST_CASE("a long line that the disk breaks off is taken back", "[process][component]") {
    const temporary_folder folder;
    const auto written = folder.file("written");
    put(written, "short\n" + std::string(400'000, 'x') + "\nlast\n");
    auto what = shell("cat '" + written + "'");
    what.before = [] {
        const rlimit little{200'000, 200'000};
        ::setrlimit(RLIMIT_FSIZE, &little);
    };
    running_shim shim(folder.path(), what);

    shim.give_word();
    const auto report = shim.report();

    CHECK_THAT(shim.log(), StartsWith("short\nRST 1 line was not written: "));
    CHECK_THAT(shim.log(), ContainsSubstring("\nlast\n"));
    CHECK(report.dropped == 1);
}
