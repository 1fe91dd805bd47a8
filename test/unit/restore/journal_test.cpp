#include "restore/journal.hpp"
#include "support/catch.hpp"
#include "temporary_folder.hpp"

#include <string>
#include <vector>

using namespace restpoint;
using namespace restpoint::restore;
using namespace std::string_literals;

namespace {

using test::temporary_folder;

std::vector<entry> entries_of(std::string_view bytes) {
    return parse_journal(bytes).value().steps.entries;
}

const entry prepare_begun{entry_word::begin, "prepare"};
const entry noted{entry_word::note, "server running"};

} // namespace

TEST_CASE("a journal is its order and the lines behind it", "[restore]") {
    const auto text = "{\"a\":1}\n1 begin prepare\n2 note server running\n"s;
    const auto read = parse_journal(text + std::string(100, '\0')).value();

    CHECK(read.order == "{\"a\":1}");
    CHECK(read.steps.entries == std::vector<entry>{prepare_begun, noted});
    CHECK(read.end == text.size());
}

TEST_CASE("what is no journal is said to be none", "[restore]") {
    for (const auto& bytes : {""s, "{\"a\":1}"s, "{\"a\"\0}\n"s, std::string(64, '\0')}) {
        const auto read = parse_journal(bytes);
        REQUIRE_FALSE(read.has_value());
        CHECK(read.error().code == errc::invalid);
    }
}

TEST_CASE("a line that a crash cut off, and all behind it, does not count", "[restore]") {
    const auto good = "{}\n1 begin prepare\n"s;
    for (const auto& tail :
         {"2 note server runn"s, "2 note server\0running\n"s, "\0 note server running\n"s,
          "1 note server running\n"s, "two note server running\n"s, "2\n"s, "2 \n"s, "2 note\n"s,
          "2note server running\n"s, "2 nota server running\n"s, "2  note server running\n"s,
          "2 note a\\\n"s, "2 note a\\x\n"s, "\n"s, "-2 note x\n"s,
          "99999999999999999999999 note x\n"s}) {
        INFO(tail);
        const auto read = parse_journal(good + tail + std::string(8, '\0')).value();
        CHECK(read.steps.entries == std::vector<entry>{prepare_begun});
        CHECK(read.end == good.size());
    }
}

TEST_CASE("a line that is damaged in front of others makes a journal unreadable", "[restore]") {
    const auto good = "{}\n1 begin prepare\n"s;
    for (const auto& damaged :
         {"3 note server running\n"s, "2 nota x\n3 end prepare\n"s, "2 note a\\\n3 end prepare\n"s,
          std::string(17, '\0') + "3 end prepare\n", "\n\n4 begin stop\n"s}) {
        INFO(damaged);
        const auto read = parse_journal(good + damaged);
        REQUIRE_FALSE(read.has_value());
        CHECK_THAT(read.error().detail, ContainsSubstring("entry 2"));
    }
}

TEST_CASE("a note may hold line breaks, backslashes and NULs", "[restore]") {
    const entry odd{entry_word::note, "outside pg_wal /a\\n b\n\\\n2 done committed\n\0z"s};
    const auto line = journal_line(1, odd);

    CHECK(line.find('\n') == line.size() - 1);
    CHECK(entries_of("{}\n" + line + journal_line(2, noted)) == std::vector<entry>{odd, noted});
}

TEST_CASE("every word of a journal is read again as it was written", "[restore]") {
    for (const auto word :
         {entry_word::begin, entry_word::end, entry_word::note, entry_word::back,
          entry_word::done}) {
        const entry one{word, "some text"};
        CHECK(entries_of("{}\n" + journal_line(1, one)) == std::vector<entry>{one});
    }
    CHECK(journal_line(12, prepare_begun) == "12 begin prepare\n");
}

TEST_CASE("a journal is found again as it was left", "[restore]") {
    const temporary_folder folder;
    {
        auto notes = journal::open(folder.path(), "{\"a\":1}").value();
        CHECK(notes.content().steps.entries.empty());
        CHECK(notes.write(prepare_begun));
        CHECK(notes.write(noted));
        CHECK(notes.content().steps.entries.size() == 2);
    }
    auto notes = journal::open(folder.path(), "{\"another\":2}").value();
    CHECK(notes.content().order == "{\"a\":1}");
    CHECK(notes.write({entry_word::end, "prepare"}));

    const auto read = journal::read(folder.path()).value();
    CHECK(
        read.steps.entries ==
        std::vector<entry>{prepare_begun, noted, {entry_word::end, "prepare"}});
    CHECK_FALSE(std::filesystem::exists(folder / "journal.new"));
}

TEST_CASE("a journal has its room from the beginning, and says when it is used up", "[restore]") {
    const temporary_folder folder;
    auto notes = journal::open(folder.path(), "{}").value();
    const auto bytes = std::filesystem::file_size(folder / "journal");
    const entry long_one{entry_word::note, "text " + std::string(30'000, 'x')};

    int written = 0;
    while (notes.write(long_one)) {
        REQUIRE(++written < 100);
    }

    CHECK(written > 0);
    CHECK(std::filesystem::file_size(folder / "journal") == bytes);
    CHECK(notes.write(noted)); // a short one still fits
    CHECK(journal::read(folder.path()).value().steps.entries.back() == noted);
}

TEST_CASE("what fills a journal with notes leaves room for its steps", "[restore]") {
    const temporary_folder files;
    auto notes = journal::open(files.path(), "{}").value();
    const entry long_one{entry_word::note, "carried " + std::string(1000, '0')};
    auto written = notes.write(long_one);
    for (int i = 0; i < 1000 && written; ++i) {
        written = notes.write(long_one);
    }
    REQUIRE_FALSE(written.has_value());

    CHECK(notes.write({entry_word::back, "the journal is full"}).has_value());
    CHECK(notes.write({entry_word::begin, "halt"}).has_value());
    CHECK(journal::read(files.path()).value().steps.turned_back() == "the journal is full");
}

TEST_CASE("what a crash left of an unfinished line is written over", "[restore]") {
    const temporary_folder folder;
    {
        auto notes = journal::open(folder.path(), "{}").value();
        CHECK(notes.write(prepare_begun));
    }
    auto bytes = folder.read("journal");
    bytes.replace(parse_journal(bytes).value().end, 30, "2 note some text without its e");
    folder.write("journal", bytes);

    auto notes = journal::open(folder.path(), "{}").value();
    CHECK(notes.content().steps.entries == std::vector<entry>{prepare_begun});
    CHECK(notes.write(noted));
    CHECK(
        journal::read(folder.path()).value().steps.entries ==
        std::vector<entry>{prepare_begun, noted});
}

TEST_CASE("only one at a time works by a journal", "[restore]") {
    const temporary_folder folder;
    const auto first = journal::open(folder.path(), "{}");
    REQUIRE(first.has_value());

    const auto second = journal::open(folder.path(), "{}");

    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().code == errc::conflict);
    CHECK(journal::read(folder.path()).has_value()); // who only looks, may
}

TEST_CASE("a journal that cannot be made is not there at all", "[restore]") {
    const temporary_folder folder;

    CHECK(journal::open(folder / "missing", "{}").error().code == errc::io);
    CHECK(journal::open(folder.path(), "{\n}").error().code == errc::invalid);
    CHECK(journal::open(folder.path(), std::string(1U << 20U, 'x')).error().code == errc::invalid);
    CHECK(journal::read(folder.path()).error().code == errc::not_found);
}

TEST_CASE("a journal that is damaged at its beginning is not taken for a new one", "[restore]") {
    const temporary_folder folder;
    folder.write("journal", std::string(1000, '\0'));

    const auto opened = journal::open(folder.path(), "{}");

    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().code == errc::invalid);
    CHECK(folder.read("journal") == std::string(1000, '\0'));
}
