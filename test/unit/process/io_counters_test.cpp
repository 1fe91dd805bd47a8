#include "process/io_counters.hpp"
#include "support/catch.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>

using namespace restpoint::process;

namespace {

constexpr pid_t nobody = 0x7FFFFFFF;

/// Reads so many kilobytes of nothing.
void read_zeros(int kilobytes) {
    const int zeros = ::open("/dev/zero", O_RDONLY | O_CLOEXEC);
    std::array<char, 1024> block{};
    for (int i = 0; i < kilobytes; ++i) {
        REQUIRE(::read(zeros, block.data(), block.size()) == 1024);
    }
    ::close(zeros);
}

} // namespace

TEST_CASE("the bytes that a process read stand behind rchar", "[process]") {
    CHECK(parse_bytes_read("rchar: 1234\nwchar: 5\nsyscr: 6\nread_bytes: 7\n") == 1234);
    CHECK(parse_bytes_read("wchar: 5\nrchar: 18446744073709551615\n") == 18446744073709551615ULL);
}

TEST_CASE("what is no such text tells no bytes", "[process]") {
    for (const auto* text :
         {"", "rchar:", "rchar: ", "rchar: x\n", "rchar: -1\n", "rchar: 1 2\n", "xrchar: 1\n",
          "rchar: 99999999999999999999999\n", "wchar: 5\n"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_bytes_read(text));
    }
}

TEST_CASE("what a process reads is counted, and stays counted when it ends", "[process]") {
    read_counter counter;
    const auto before = counter.count({::getpid()});
    read_zeros(100);
    const auto after = counter.count({::getpid()});

    CHECK(after >= before + 100 * 1024);
    CHECK(counter.count({}) == after);
    CHECK(counter.count({nobody}) == after);
    CHECK(counter.count({}) == after);
}

TEST_CASE("the files that a process has open are told by their paths", "[process]") {
    const int file = ::open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    const auto found = open_files_of(::getpid());
    ::close(file);

    CHECK(std::ranges::find(found, "/etc/passwd") != found.end());
    CHECK(std::ranges::all_of(found, [](const auto& path) { return path.is_absolute(); }));
    CHECK(open_files_of(nobody).empty());
}

TEST_CASE("a process that is not there has no workers", "[process]") {
    CHECK(workers_of(nobody).empty());
}

TEST_CASE("the workers of a process are its children", "[process]") {
    std::array<int, 2> gate{};
    REQUIRE(::pipe2(gate.data(), O_CLOEXEC) == 0);
    const auto child = ::fork();
    if (child == 0) {
        char word = 0;
        ::close(gate[1]);
        [[maybe_unused]] const auto ended = ::read(gate[0], &word, 1);
        ::_exit(0);
    }
    const auto found = workers_of(::getpid());
    ::close(gate[1]);
    ::close(gate[0]);
    ::waitpid(child, nullptr, 0);

    CHECK(std::ranges::find(found, child) != found.end());
}
