#include "base/utf8.hpp"
#include "jobs/log_view.hpp"
#include "support/catch.hpp"

#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace restpoint::jobs;
using restpoint::backrest::log_level;

namespace {

std::string entry(const std::string& level, const std::string& text, const char* process = "P00") {
    return "2026-11-22 06:42:50.413 " + std::string(process) + std::string(7 - level.size(), ' ') +
           level + ": " + text + "\n";
}

std::string rendered(view how, std::string_view lines) {
    render_state fresh;
    return render(how, fresh, lines);
}

std::string html(std::string_view lines) {
    return rendered({log_level::trace, markup::html}, lines);
}

std::string text_of(log_level minimum, std::string_view lines) {
    return rendered({minimum, markup::text}, lines);
}

const std::vector<view> all_views = [] {
    std::vector<view> views;
    for (const auto form : {markup::raw, markup::text, markup::html}) {
        for (const auto level :
             {log_level::error, log_level::warn, log_level::info, log_level::detail,
              log_level::debug, log_level::trace}) {
            views.push_back({level, form});
        }
    }
    return views;
}();

using random_source = std::mt19937;

std::size_t below(random_source& random, std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
}

std::string random_line(random_source& random) {
    static const std::vector<std::string> samples{
        entry("ERROR", "[055]: unable to load '/a/b'"),
        entry("WARN", "a <b> & \"c\""),
        entry("INFO", "backup start archive = 000000010000000000000053"),
        entry("DETAIL", "backup file /x (897.1MB, 81.25%) checksum c7a0", "P01"),
        entry("DEBUG", "common/lock::lockAcquire: => true"),
        entry("TRACE", "x"),
        entry("INFO", "lines were left out", "RST"),
        "       HINT: does it exist?\n",
        "\tindented by a tab\n",
        "ERROR: [037]: backup command requires option: stanza\n",
        "sh: 1: pgbackrest: not found\n",
        "\n",
        "bytes \x80\xC2\xE2\x82 \xE2\x82\xAC \xF0\x9F\x90\x98 \xC2\x85 end\n",
        "\xE2\x82\xAC\xE2\x82\xAC\n"};
    auto line = samples[below(random, samples.size())];
    for (auto changes = below(random, 3); changes > 0 && line.size() > 1; --changes) {
        line[below(random, line.size() - 1)] = static_cast<char>(below(random, 256));
    }
    return line;
}

std::string random_log(random_source& random) {
    std::string log;
    for (auto lines = below(random, 40); lines > 0; --lines) {
        log += random_line(random);
    }
    return log;
}

} // namespace

TEST_CASE("raw markup is the file, whatever the level", "[jobs]") {
    const std::string log = entry("DEBUG", "a") + std::string("\0\xFF<&\n half", 11);

    for (const auto& how : all_views) {
        if (how.form == markup::raw) {
            CHECK(rendered(how, log) == log);
        }
    }
}

TEST_CASE("text keeps the lines at or above the level", "[jobs]") {
    const std::vector<std::pair<log_level, std::string>> lines{
        {log_level::error, entry("ERROR", "[055]: a")}, {log_level::warn, entry("WARN", "b")},
        {log_level::info, entry("INFO", "c")},          {log_level::detail, entry("DETAIL", "d")},
        {log_level::debug, entry("DEBUG", "e")},        {log_level::trace, entry("TRACE", "f")}};
    std::string log;
    for (const auto& [level, line] : lines) {
        log += line;
    }

    std::string expected;
    for (const auto& [level, line] : lines) {
        expected += line;
        CHECK(text_of(level, log) == expected);
    }
}

TEST_CASE("continuation lines follow the fate of their entry", "[jobs]") {
    const auto shown = entry("ERROR", "[055]: a") + "      HINT: b\n      HINT: c\n";
    const auto hidden = entry("DETAIL", "d") + "      e\n\tf\n";

    CHECK(text_of(log_level::info, shown + hidden + shown) == shown + shown);
    CHECK(text_of(log_level::detail, shown + hidden) == shown + hidden);
}

TEST_CASE("the fate of an entry reaches into the next stretch", "[jobs]") {
    const view how{log_level::info, markup::text};
    render_state carried;

    CHECK(render(how, carried, entry("DETAIL", "a")).empty());
    CHECK(render(how, carried, "       b\n").empty());
    CHECK(render(how, carried, entry("WARN", "c")) == entry("WARN", "c"));
    CHECK(render(how, carried, "       d\n") == "       d\n");
}

TEST_CASE("bare error lines count as errors, bare warnings as warnings", "[jobs]") {
    const std::string error = "ERROR: [056]: unable to find primary cluster\n       HINT: a\n";
    const std::string warning = "WARN: unable to check pg1\n";

    CHECK(text_of(log_level::error, warning + error) == error);
    CHECK(text_of(log_level::warn, warning + error) == warning + error);
    CHECK(html("ERROR: [056]: a\n") == "<span class=\"error\">ERROR: [056]: a</span><br/>\n");
}

TEST_CASE("foreign lines are always shown", "[jobs]") {
    const std::string foreign = "sh: 1: pgbackrest: not found\n";

    CHECK(text_of(log_level::error, entry("INFO", "a") + foreign) == foreign);
    CHECK(text_of(log_level::error, entry("INFO", "a") + foreign + "   b\n") == foreign + "   b\n");
    CHECK(html(foreign) == "sh: 1: pgbackrest: not found<br/>\n");
}

TEST_CASE("HTML marks errors, warnings, details and our own lines", "[jobs]") {
    const auto marked = [](const char* level, const char* process) {
        const auto line = entry(level, "a", process);
        const auto out = html(line);
        const auto text = line.substr(0, line.size() - 1);
        const auto place = out.find(text);
        REQUIRE(place != std::string::npos);
        return std::pair(out.substr(0, place), out.substr(place + text.size()));
    };
    const auto span = [](const char* name) {
        return std::pair(
            "<span class=\"" + std::string(name) + "\">", std::string("</span><br/>\n"));
    };

    CHECK(marked("ERROR", "P00") == span("error"));
    CHECK(marked("WARN", "P00") == span("warn"));
    CHECK(marked("INFO", "P00") == std::pair(std::string(), std::string("<br/>\n")));
    CHECK(marked("DETAIL", "P01") == span("detail"));
    CHECK(marked("DEBUG", "P00") == span("detail"));
    CHECK(marked("INFO", "RST") == span("own"));
    CHECK(marked("WARN", "RST") == span("warn"));
}

TEST_CASE("HTML leaves nothing that a browser could take for markup", "[jobs]") {
    CHECK(
        html("<script>alert('x' + \"y\" & z)</script>\n") ==
        "&lt;script&gt;alert(&#39;x&#39; + &quot;y&quot; &amp; z)&lt;/script&gt;<br/>\n");
    CHECK(html("a\tb\n") == "a\tb<br/>\n");
    CHECK(
        html(std::string_view("a\0b\x1B[2Jc\rd\x7F\n", 12)) ==
        "a\uFFFDb\uFFFD[2Jc\uFFFDd\uFFFD<br/>\n");
}

TEST_CASE("HTML is valid UTF-8 whatever the bytes", "[jobs]") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"\u20AC \U0001F418 \u00E4", "\u20AC \U0001F418 \u00E4"},
        {"\x80", "\uFFFD"},
        {"\xFF\xFE", "\uFFFD\uFFFD"},
        {"\xC0\xBC", "\uFFFD\uFFFD"},                     // '<' in two bytes
        {"\xE0\x80\xBC", "\uFFFD\uFFFD\uFFFD"},           // and in three
        {"\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD"},           // a surrogate
        {"\xF4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"}, // past U+10FFFF
        {"\xE2\x82", "\uFFFD\uFFFD"},
        {"\xE2\x82<", "\uFFFD\uFFFD&lt;"},
        {"\xC2\x9B"
         "31m",
         "\uFFFD31m"}, // CSI, which terminals obey
    };

    for (const auto& [bytes, expected] : cases) {
        CAPTURE(expected);
        CHECK(html(bytes + "\n") == expected + "<br/>\n");
    }
}

TEST_CASE("a last line without its end is rendered as a line", "[jobs]") {
    CHECK(html("a\nb") == "a<br/>\nb<br/>\n");
    CHECK(html(entry("WARN", "a").substr(0, 30)).ends_with("<br/>\n"));
    CHECK(text_of(log_level::info, "a\nb") == "a\nb");
    CHECK(html("").empty());
}

TEST_CASE("a log cut at any line ends renders to the same bytes", "[jobs]") {
    random_source random(1);
    for (int round = 0; round < 300; ++round) {
        const auto log = random_log(random);
        const auto& how = all_views[below(random, all_views.size())];

        std::string joined;
        render_state carried;
        for (std::size_t at = 0; at < log.size();) {
            auto end = at;
            for (auto lines = 1 + below(random, 5); lines > 0 && end < log.size(); --lines) {
                end = log.find('\n', end) + 1;
            }
            joined += render(how, carried, std::string_view(log).substr(at, end - at));
            at = end;
        }

        REQUIRE(joined == rendered(how, log));
    }
}

TEST_CASE("a line cut where whole_characters allows renders to the same bytes", "[jobs]") {
    random_source random(2);
    for (int round = 0; round < 300; ++round) {
        const auto& how = all_views[below(random, all_views.size())];
        const auto head = entry(round % 2 == 0 ? "ERROR" : "DETAIL", std::string(500, 'x'));
        std::string tail;
        for (int pieces = 0; pieces < 20; ++pieces) {
            auto piece = random_line(random);
            piece.pop_back();
            tail += piece;
        }
        std::erase(tail, '\n');
        const auto log = head.substr(0, head.size() - 1) + tail + "\n" + entry("INFO", "next");

        render_state carried;
        auto joined = render_part(how, carried, std::string_view(log).substr(0, head.size() - 1));
        for (auto at = head.size() - 1; at < log.size();) {
            auto part = std::string_view(log).substr(at, 8 + below(random, 200));
            // Only the long line is cut: the one behind it is too short to be told from a part.
            part = at + part.size() < log.find('\n')
                       ? part.substr(0, restpoint::whole_characters(part))
                       : std::string_view(log).substr(at);
            joined += render_part(how, carried, part);
            at += part.size();
        }

        REQUIRE(joined == rendered(how, log));
        REQUIRE_FALSE(carried.inside_line);
    }
}

TEST_CASE("a reader that begins at a line gets the rest of the view", "[jobs]") {
    random_source random(3);
    for (int round = 0; round < 200; ++round) {
        const auto log = random_log(random);
        const auto& how = all_views[below(random, all_views.size())];
        std::vector<line_start> starts;
        render_state carried;
        const auto whole = render(how, carried, log, &starts);

        for (const auto& start : starts) {
            render_state state;
            const auto before = "\n" + log.substr(0, start.raw);
            const bool found = find_state(how, before, state);
            REQUIRE((found || start.raw == 0 || before.find_first_not_of("\n") != 0));
            REQUIRE(
                render(how, state, std::string_view(log).substr(start.raw)) ==
                whole.substr(start.rendered));
        }
    }
}

TEST_CASE("the state behind a log is that of its last entry", "[jobs]") {
    const view how{log_level::info, markup::text};
    render_state state;

    CHECK(find_state(how, "\n" + entry("DETAIL", "a") + "   b\n   c\n", state));
    CHECK_FALSE(state.showing);
    CHECK(find_state(how, "half a line\n" + entry("INFO", "a") + "   b\n", state));
    CHECK(state.showing);
    CHECK_FALSE(find_state(how, "half a line\n   b\n   c\n", state));
    CHECK_FALSE(find_state(how, "", state));
}
