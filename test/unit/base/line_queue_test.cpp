#include "base/line_queue.hpp"
#include "base/unique_fd.hpp"
#include "support/catch.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace restpoint {
namespace {

using namespace std::chrono_literals;

struct pipe_ends {
    unique_fd read;
    unique_fd write;
};

pipe_ends make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw std::runtime_error("no pipe");
    }
    return {unique_fd{ends[0]}, unique_fd{ends[1]}};
}

/// Until it takes nothing more.
void fill(const pipe_ends& to) {
    ::fcntl(to.write.get(), F_SETFL, O_NONBLOCK);
    const std::string block(4096, '.');
    while (::write(to.write.get(), block.data(), block.size()) > 0) {
    }
    ::fcntl(to.write.get(), F_SETFL, 0);
}

/// What can be read without waiting.
std::string read_now(const pipe_ends& from) {
    ::fcntl(from.read.get(), F_SETFL, O_NONBLOCK);
    std::string all;
    std::array<char, 4096> block{};
    for (;;) {
        const auto n = ::read(from.read.get(), block.data(), block.size());
        if (n <= 0) {
            return all;
        }
        all.append(block.data(), static_cast<std::size_t>(n));
    }
}

std::string told(std::uint64_t count) {
    return "dropped " + std::to_string(count) + "\n";
}

std::string numbered(int i) {
    return std::to_string(i) + std::string(1000, '.') + "\n";
}

/// The limits of a queue whose put() does not wait.
line_queue_limits hasty(std::size_t bytes) {
    return {bytes, 0ms, 1h};
}

} // namespace

TEST_CASE("a line is written by the time that it was taken", "[unit][base]") {
    const auto pipe = make_pipe();
    line_queue lines(pipe.write.get(), told, {1000, 1h, 1h});

    lines.put("one\n");
    lines.put("two\n");

    CHECK(read_now(pipe) == "one\ntwo\n");
}

TEST_CASE("a file is written at once, and by nobody else", "[unit][base]") {
    const unique_fd file{::memfd_create("lines", MFD_CLOEXEC)};
    line_queue lines(file.get(), told, hasty(0));

    lines.put("one\n");

    std::array<char, 10> text{};
    REQUIRE(::pread(file.get(), text.data(), text.size(), 0) == 4);
    CHECK(std::string(text.data(), 4) == "one\n");
    CHECK(lines.flush(0ms));
}

TEST_CASE("who does not read holds nobody up", "[unit][base]") {
    auto pipe = make_pipe();
    fill(pipe);
    line_queue lines(pipe.write.get(), told, hasty(10'000));

    for (int i = 0; i < 100; ++i) {
        lines.put(numbered(i));
    }

    CHECK_FALSE(lines.flush(0ms));
    pipe.read.reset(); // and the rest is for nobody
    CHECK(lines.flush(1h));
}

TEST_CASE("where lines were dropped the log says how many", "[unit][base]") {
    auto pipe = make_pipe();
    std::string all;
    constexpr int many = 1000;
    {
        line_queue lines(pipe.write.get(), told, hasty(10'000));
        for (int i = 0; i < many; ++i) {
            lines.put(numbered(i));
        }
        while (!lines.flush(1ms)) {
            all += read_now(pipe);
        }
        lines.put("after\n");
    }
    all += read_now(pipe);

    std::istringstream text(all);
    std::string line;
    int next = 0;
    int gaps = 0;
    while (std::getline(text, line) && line != "after") {
        if (line.starts_with("dropped ")) {
            next += std::stoi(line.substr(8));
            ++gaps;
        } else {
            REQUIRE(line + "\n" == numbered(next++)); // in order, and whole
        }
    }
    CHECK(line == "after");
    CHECK(gaps > 0);
    CHECK(next == many);
}

TEST_CASE("a descriptor that somebody made non-blocking loses nothing", "[unit][base]") {
    const auto pipe = make_pipe();
    ::fcntl(pipe.write.get(), F_SETFL, O_NONBLOCK);
    line_queue lines(pipe.write.get(), told, hasty(1'000'000));
    std::string expected;
    for (int i = 0; i < 200; ++i) {
        lines.put(numbered(i));
        expected += numbered(i);
    }

    std::string all;
    while (!lines.flush(1ms)) {
        all += read_now(pipe);
    }
    all += read_now(pipe);

    CHECK(all == expected);
}

TEST_CASE("a descriptor that takes nothing loses lines, and no more", "[unit][base]") {
    line_queue lines(-1, told, {1000, 1h, 1h});

    lines.put("one\n");

    CHECK(lines.flush(0ms));
}

} // namespace restpoint
