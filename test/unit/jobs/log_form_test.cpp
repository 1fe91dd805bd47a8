// Views whose lines are written in a form of the caller's own.
#include "jobs/log_view.hpp"
#include "support/catch.hpp"

#include <random>
#include <string>

using namespace restpoint::jobs;
using restpoint::backrest::log_level;

namespace {

/// "[line@offset]" for a line, "(offset)" for a mark.
constexpr line_form brackets{
    [](std::string& out) { out += '['; },
    [](std::string& out, std::string_view text) { out += text; },
    [](std::string& out, std::uint64_t offset) { out += "@" + std::to_string(offset) + "]\n"; },
    [](std::string& out, std::uint64_t offset) { out += "(" + std::to_string(offset) + ")\n"; }};

view bracketed(log_level minimum = log_level::trace) {
    return {minimum, markup::custom, &brackets};
}

std::string rendered(const view& how, std::string_view lines, std::uint64_t offset = 0) {
    render_state fresh;
    return render(how, fresh, lines, nullptr, offset);
}

std::string detail(std::size_t size) {
    const std::string head = "2026-11-22 06:42:50.413 P01 DETAIL: ";
    return head + std::string(size - head.size() - 1, 'x') + "\n";
}

const std::string info = "2026-11-22 06:42:50.413 P00   INFO: a\n";

} // namespace

TEST_CASE("a form writes each line with the offset behind it", "[jobs]") {
    CHECK(rendered(bracketed(), "ab\n\ncd\n") == "[ab@3]\n[@4]\n[cd@7]\n");
    CHECK(rendered(bracketed(), "ab\n", 100) == "[ab@103]\n");
    CHECK(rendered(bracketed(), "ab\ncd") == "[ab@3]\n[cd@5]\n");
    CHECK(rendered(bracketed(), "").empty());
}

TEST_CASE("a form leaves out what the level leaves out", "[jobs]") {
    CHECK(
        rendered(bracketed(log_level::info), detail(50) + info + "   b\n") ==
        "[" + info.substr(0, info.size() - 1) + "@" + std::to_string(50 + info.size()) +
            "]\n[   b@" + std::to_string(55 + info.size()) + "]\n");
}

TEST_CASE("over lines that are left out a form marks where they cross a mark", "[jobs]") {
    const auto how = bracketed(log_level::info);
    std::string hidden;
    for (int i = 0; i < 1000; ++i) {
        hidden += detail(100);
    }

    CHECK(rendered(how, hidden) == "(16400)\n(32800)\n(49200)\n(65600)\n(82000)\n(98400)\n");
    CHECK(rendered(how, detail(100), 16'250).empty());
    CHECK(rendered(how, detail(100), 16'284) == "(16384)\n");
    CHECK(rendered(how, hidden.substr(0, 200), 16'300) == "(16400)\n");
    CHECK(rendered(how, detail(40'000)) == "(40000)\n");
    // A line that has not ended is not behind anybody yet.
    CHECK(rendered(how, detail(40'000).substr(0, 39'999)).empty());
}

TEST_CASE("a log in the caller's form may be cut anywhere", "[jobs]") {
    std::mt19937 random(7);
    const auto below = [&](std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
    };
    for (int round = 0; round < 100; ++round) {
        const auto how = bracketed(round % 2 == 0 ? log_level::info : log_level::trace);
        std::string log;
        for (int lines = 0; lines < 30; ++lines) {
            log += below(3) == 0 ? info : detail(600 + below(20'000));
        }
        render_state carried;
        std::string joined;
        for (std::size_t at = 0; at < log.size();) {
            const auto line_end = log.find('\n', at) + 1;
            // The first bytes of a line stay together, since they decide its fate.
            auto end = std::min(line_end, at + 550 + below(5000));
            if (line_end - end < 550) {
                end = line_end;
            }
            const auto part = std::string_view(log).substr(at, end - at);
            joined += render_part(how, carried, part, nullptr, at);
            at = end;
        }

        REQUIRE(joined == rendered(how, log));
        REQUIRE_FALSE(carried.crossed);
    }
}

TEST_CASE("a last line that is left out and has no end leaves nothing behind", "[jobs]") {
    render_state carried;

    CHECK(render(bracketed(log_level::info), carried, detail(20'000).substr(0, 19'999)).empty());

    CHECK(carried == render_state{.showing = false, .mark = line_mark::detail});
}
