#include "base/file.hpp"
#include "config/assignment.hpp"
#include "config/render.hpp"
#include "loading.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <regex>
#include <set>
#include <sstream>

using namespace restpoint::config;

namespace {

std::string shipped_file() {
    const auto path = std::filesystem::path(RESTPOINT_TEST_DATA) / "../../config/restpoint.toml";
    return restpoint::read_file(path).value();
}

} // namespace

TEST_CASE("the shipped file is what the table renders", "[config]") {
    CHECK(shipped_file() == render_example());
}

TEST_CASE("the shipped file sets nothing", "[config]") {
    const auto found = load_file(shipped_file());

    CHECK(problems_of(found).empty());
    CHECK(found.sources.empty());
    CHECK(values_of(found.values) == values_of(settings{}));
}

TEST_CASE("the shipped file explains every key at its default", "[config]") {
    const std::regex commented("\n#([a-z_]+ = |\\[\\[)");
    const auto all_set = std::regex_replace(shipped_file(), commented, "\n$1");

    const auto found = load_file(all_set);

    CHECK(problems_of(found).empty());
    for (const auto& row : keys()) {
        CAPTURE(row.name);
        CHECK_FALSE(row.help.empty());
        if (row.form == shape::map) {
            CHECK_THAT(all_set, ContainsSubstring("[" + row.name + "]"));
            continue;
        }
        CHECK(found.sources.contains(row.name));
        if (row.example.empty()) {
            CHECK(row.get(found.values) == row.get(settings{}));
        }
    }
    REQUIRE(found.values.schedules.size() == 1);
    const auto& schedule = found.values.schedules.front();
    for (const auto& row : schedule_keys()) {
        CAPTURE(row.name);
        CHECK(schedule.sources.contains(row.name));
        if (row.example.empty()) {
            CHECK(row.get(schedule) == row.get(schedule_entry{}));
        }
    }
}

TEST_CASE("what is shown can be read back and means the same", "[config]") {
    auto first = load_file("[server]\nlisten = \"0.0.0.0:80\"\nallowed_hosts = [\"a\", \"b\"]\n"
                           "[auth]\nmode = \"none\"\n"
                           "[postgres]\nuser = \"q\\\"uo\\\\te'd #1\"\n"
                           "[pgbackrest.environment]\nA = \"l1\\nl2\\t\\\"x\\\"\"\nB = \"\"\n");
    REQUIRE(problems_of(first).empty());

    const auto second = load_file(render_show(first));

    CHECK(problems_of(second).empty());
    CHECK(values_of(second.values) == values_of(first.values));
    CHECK(values_of(load_file(render_show(loaded{})).values) == values_of(settings{}));
}

TEST_CASE("every shown value says where it comes from", "[config]") {
    const scratch_folder folder;
    const auto file = folder.write("r.toml", "[postgres]\nport = 5433\n");

    const auto shown = render_show(
        load({{"--log.level=warn", "--config", file}, {"RESTPOINT_STATE_DIR=/srv/restpoint"}}));

    CHECK_THAT(shown, ContainsSubstring("port = 5433  # " + file + ":2\n"));
    CHECK_THAT(shown, ContainsSubstring("level = \"warn\"  # flag --log.level\n"));
    CHECK_THAT(
        shown, ContainsSubstring("dir = \"/srv/restpoint\"  # environment RESTPOINT_STATE_DIR\n"));
    CHECK_THAT(shown, ContainsSubstring("stanza = \"main\"  # default\n"));
    CHECK_THAT(shown, ContainsSubstring("#anonymous is not set  # default\n"));
}

TEST_CASE("a file's name cannot break out of a comment", "[config]") {
    const scratch_folder folder;
    const auto file = folder.write("r\nstanza = 1", "[postgres]\nport = 5433\n");

    const auto shown = render_show(load({{"--config", file}, {}}));

    CHECK(load_file(shown).problems.empty());
}

TEST_CASE("the Markdown table has a row of four cells for each key", "[config]") {
    const auto table = render_table();

    const std::regex cells("\\|( [^|]+ \\|){4}");
    std::size_t rows = 0;
    std::istringstream lines(table);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("| `")) {
            CAPTURE(line);
            CHECK(std::regex_match(line, cells));
            ++rows;
        }
    }
    CHECK(rows == keys().size() + schedule_keys().size());
    for (const auto& row : keys()) {
        CHECK_THAT(table, ContainsSubstring("\n| `" + row.name + "` | "));
    }
    for (const auto& row : schedule_keys()) {
        CHECK_THAT(table, ContainsSubstring("\n| `" + row.name + "` | "));
    }
    CHECK_THAT(table, ContainsSubstring("| `schedule.cron` | must be given |"));
    CHECK_THAT(table, ContainsSubstring("| `schedule.type` | not set |"));
    CHECK_THAT(table, ContainsSubstring("| `server.listen` | `\"127.0.0.1:5000\"` |"));
    CHECK_THAT(table, ContainsSubstring("| `auth.anonymous` | not set |"));
}

TEST_CASE("the table has each key once, its sections in one piece", "[config]") {
    std::set<std::string> names;
    std::set<std::string> sections;
    std::string section;
    for (const auto& row : keys()) {
        CAPTURE(row.name);
        CHECK(names.insert(row.name).second);
        const std::string own(section_of(row.name));
        if (own != section) {
            CHECK(sections.insert(own).second);
            section = own;
        }
    }
}

TEST_CASE("every default fulfils its own constraint", "[config]") {
    for (const auto& row : keys()) {
        CAPTURE(row.name);
        settings s;
        const auto initial = row.get(s);
        if (!std::holds_alternative<std::monostate>(initial)) {
            CHECK_FALSE(row.set(s, initial));
        }
    }
    for (const auto& rule : relations()) {
        CHECK_FALSE(rule.broken(settings{}));
        for (const auto& name : rule.keys) {
            CHECK(std::ranges::find(keys(), name, &key::name) != keys().end());
        }
    }
}

TEST_CASE("every key that a flag can set stands among the flags, at its default", "[config]") {
    const auto text = render_flags();

    CHECK_THAT(text, StartsWith("  --config=FILE\n"));
    CHECK_THAT(text, ContainsSubstring("\n  --server.listen=127.0.0.1:5000\n"));
    CHECK_THAT(text, ContainsSubstring("\n  --server.request_timeout_s=30\n"));
    CHECK_THAT(text, ContainsSubstring("\n  --server.allowed_hosts=NAME,NAME\n"));
    CHECK_THAT(
        text, ContainsSubstring("\n  --auth.anonymous=viewer\n")); // without the quotes of TOML
    CHECK(text.find("pgbackrest.environment") == std::string::npos);
}

TEST_CASE("a value that is not set has no text", "[config]") {
    CHECK(toml_text(value{}).empty());
    CHECK(toml_text(value{true}) == "true");
}

TEST_CASE("the shipped files of PostgreSQL and pgBackRest agree with the defaults", "[config]") {
    const auto folder = std::filesystem::path(RESTPOINT_TEST_DATA) / "../../config";
    const settings initial;

    const auto postgresql = restpoint::read_file(folder / "postgresql.conf").value();
    CHECK_THAT(
        postgresql, ContainsSubstring(
                        "\narchive_command = 'pgbackrest --config=" + initial.pgbackrest.config +
                        " --stanza=" + initial.pgbackrest.stanza + " archive-push %p'\n"));
    const auto pgbackrest = restpoint::read_file(folder / "pgbackrest.conf").value();
    CHECK_THAT(pgbackrest, ContainsSubstring("\n[" + initial.pgbackrest.stanza + "]\n"));
    CHECK_THAT(
        pgbackrest, ContainsSubstring("\npg1-socket-path=" + initial.postgres.socket_dir + "\n"));
}
