#include "restore/journal.hpp"
#include "restore/kept_restores.hpp"
#include "restore/recovery_settings.hpp"
#include "support/catch.hpp"
#include "temporary_folder.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace fs = std::filesystem;
using namespace restpoint;
using namespace restpoint::restore;

namespace {

/// A data directory, and what restores left beside it.
class beside {
  public:
    beside() { fs::create_directory(data()); }

    [[nodiscard]] fs::path data() const { return files / "data"; }
    [[nodiscard]] fs::path root() const { return files / "data.restpoint"; }

    [[nodiscard]] order work_in(const std::string& folder) const {
        order made;
        made.data = data();
        made.folder = folder;
        made.start = false;
        return made;
    }
    void leave(const order& what, const std::vector<entry>& entries) const {
        fs::create_directories(root() / what.folder);
        auto notes = journal::open(root() / what.folder, to_json(what)).value();
        for (const auto& one : entries) {
            REQUIRE(notes.write(one).has_value());
        }
    }

    test::temporary_folder files = {};
};

std::vector<std::string> names_of(const auto& all) {
    std::vector<std::string> names;
    for (const auto& one : all) {
        names.push_back(one.folder.filename().native());
    }
    std::sort(names.begin(), names.end());
    return names;
}

using names = std::vector<std::string>;

} // namespace

TEST_CASE("restores are told by how far they came", "[restore]") {
    const beside place;
    auto forget = place.work_in("d");
    forget.what = errand::forget;
    place.leave(place.work_in("b"), {{entry_word::done, "committed"}});
    place.leave(place.work_in("a"), {{entry_word::done, "committed"}});
    place.leave(place.work_in("c"), {{entry_word::done, "rolled_back"}});
    place.leave(forget, {{entry_word::done, "committed"}});
    place.leave(place.work_in("e"), {{entry_word::begin, "prepare"}});

    const auto kept = kept_restores(place.data());
    REQUIRE(kept.size() == 2);
    CHECK(kept[0].what.folder == "a"); // the oldest first
    CHECK(names_of(turned_back_restores(place.data())) == names{"c", "d"});
    CHECK(names_of(open_restores(place.data())) == names{"e"});
    CHECK(strange_restores(place.data()).empty());
}

TEST_CASE("journals that cannot be gone by are told and left alone", "[restore]") {
    const beside place;
    place.leave(place.work_in("good"), {{entry_word::done, "committed"}});
    place.files.write("data.restpoint/garbage/journal", "no journal at all");
    place.files.write("data.restpoint/newer/journal", "{\"errand\":\"improve\"}\n");
    place.files.write("data.restpoint/bare/previous/PG_VERSION", "15\n");
    place.files.write("data.restpoint/begun/socket/x", "");
    auto elsewhere = place.work_in("elsewhere");
    elsewhere.data = place.files / "another";
    place.leave(elsewhere, {{entry_word::begin, "prepare"}});
    place.leave(place.work_in("moved"), {{entry_word::begin, "prepare"}});
    fs::rename(place.root() / "moved", place.root() / "copied");

    const auto strange = strange_restores(place.data());

    CHECK(names_of(strange) == names{"bare", "copied", "elsewhere", "garbage", "newer"});
    CHECK(std::none_of(strange.begin(), strange.end(), [](const strange_restore& one) {
        return one.why.empty();
    }));
    CHECK(open_restores(place.data()).empty());
    CHECK(kept_restores(place.data()).size() == 1);
}

TEST_CASE("what was set for a recovery is taken out once somebody has let it end", "[restore]") {
    const beside place;
    const std::string theirs = "recovery_end_command = 'mine'\n";
    const std::vector<std::string> lines{"recovery_end_command = ''"};
    place.leave(
        place.work_in("job"),
        {{entry_word::note, "set " + lines.front()}, {entry_word::done, "committed"}});
    auto kept = kept_restores(place.data()).at(0);
    CHECK_FALSE(take_out_settings(kept)); // there are none

    place.files.write("data/postgresql.auto.conf", with_recovery(theirs, lines));
    place.files.write("data/recovery.signal", "");
    CHECK(take_out_settings(kept));
    CHECK(place.files.read("data/postgresql.auto.conf") == with_recovery(theirs, lines));

    fs::remove(place.data() / "recovery.signal");
    CHECK(take_out_settings(kept));
    CHECK(place.files.read("data/postgresql.auto.conf") == theirs);

    // ALTER SYSTEM has left the marks out.
    place.files.write("data/postgresql.auto.conf", theirs + lines.front() + "\n");
    CHECK(take_out_settings(kept));
    CHECK(place.files.read("data/postgresql.auto.conf") == theirs);

    kept.what.start = true; // which takes out its own
    place.files.write("data/postgresql.auto.conf", with_recovery(theirs, lines));
    CHECK(take_out_settings(kept));
    CHECK(place.files.read("data/postgresql.auto.conf") == with_recovery(theirs, lines));
}
