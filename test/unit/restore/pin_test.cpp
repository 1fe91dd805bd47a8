#include "restore/pin.hpp"
#include "support/catch.hpp"
#include "temporary_folder.hpp"

#include <sys/stat.h>

#include <string>

using namespace restpoint;
using namespace restpoint::restore;

namespace {

const std::string config = "[global]\nrepo1-path=/repo\n\n[main]\npg1-path=/pg\n";

} // namespace

TEST_CASE("the live timeline is written into a block of its own", "[restore]") {
    CHECK(
        with_pin(config, "main", 3) == config + "# restpoint: the live timeline of main\n"
                                                "[main]\n"
                                                "recovery-option=recovery_target_timeline=3\n"
                                                "# restpoint: end of it\n");
    CHECK(
        with_pin("[main]\npg1-path=/pg", "main", 3) ==
        "[main]\npg1-path=/pg\n" + pin_block("main", 3));
    CHECK(with_pin("", "main", 3) == pin_block("main", 3));
}

TEST_CASE("a pin is replaced and taken away without a trace", "[restore]") {
    const auto pinned = with_pin(config, "main", 3);

    CHECK(with_pin(pinned, "main", 3) == pinned);
    CHECK(with_pin(pinned, "main", 5) == with_pin(config, "main", 5));
    CHECK(with_pin(pinned, "main", std::nullopt) == config);
    CHECK(with_pin(config, "main", std::nullopt) == config);
    CHECK(
        with_pin(pinned + "[other]\npg1-path=/o\n", "main", std::nullopt) ==
        config + "[other]\npg1-path=/o\n");
}

TEST_CASE("the pin of another stanza in the same file stays", "[restore]") {
    const auto both = with_pin(with_pin(config, "main", 3), "main2", 7);

    CHECK(pin_in(both, "main") == 3);
    CHECK(pin_in(both, "main2") == 7);
    CHECK(with_pin(both, "main", std::nullopt) == config + pin_block("main2", 7));
    CHECK(with_pin(both, "main2", std::nullopt) == config + pin_block("main", 3));
}

TEST_CASE("a block that has lost its end takes nothing of the operator's with it", "[restore]") {
    const std::string broken = "# restpoint: the live timeline of "
                               "main\r\n[main]\nrecovery-option=recovery_target_timeline=3\n"
                               "delta=y\n[other]\npg1-path=/o\n";

    CHECK(with_pin(broken, "main", std::nullopt) == "delta=y\n[other]\npg1-path=/o\n");
}

TEST_CASE("the pin is read from our block alone", "[restore]") {
    CHECK(pin_in(with_pin(config, "main", 4'294'967'295), "main") == 4'294'967'295);
    CHECK_FALSE(pin_in(config + "[main]\nrecovery-option=recovery_target_timeline=9\n", "main")
                    .has_value());
    CHECK_FALSE(pin_in(pin_block("main", 3), "mai").has_value());
    CHECK_FALSE(pin_in("", "main").has_value());
    CHECK_FALSE(pin_in("# restpoint: the live timeline of main\n", "main").has_value());
    CHECK_FALSE(pin_in(
                    "# restpoint: the live timeline of "
                    "main\nrecovery-option=recovery_target_timeline=new\n",
                    "main")
                    .has_value());
    CHECK_FALSE(pin_in(
                    "# restpoint: the live timeline of main\n# restpoint: end of "
                    "it\nrecovery-option=recovery_target_timeline=3\n",
                    "main")
                    .has_value());
}

TEST_CASE("pinning keeps the mode of the file", "[restore]") {
    const test::temporary_folder folder;
    const auto file = folder.write("pgbackrest.conf", config);
    REQUIRE(::chmod(file.c_str(), 0640) == 0);

    CHECK(pin_timeline(file, "main", 2));

    CHECK(folder.read("pgbackrest.conf") == with_pin(config, "main", 2));
    struct stat about{};
    REQUIRE(::stat(file.c_str(), &about) == 0);
    CHECK((about.st_mode & 0777U) == 0640U);
    CHECK(pin_timeline(file, "main", std::nullopt));
    CHECK(folder.read("pgbackrest.conf") == config);
}

TEST_CASE("a configuration that is a link stays one", "[restore]") {
    const test::temporary_folder folder;
    folder.write("real/pgbackrest.conf", config);
    std::filesystem::create_symlink("real/pgbackrest.conf", folder / "pgbackrest.conf");

    CHECK(pin_timeline(folder / "pgbackrest.conf", "main", 2));

    CHECK(std::filesystem::is_symlink(folder / "pgbackrest.conf"));
    CHECK(folder.read("real/pgbackrest.conf") == with_pin(config, "main", 2));
}

TEST_CASE("where its folder is not ours to write, the file itself is written", "[restore]") {
    const test::temporary_folder folder;
    const auto file = folder.write("pgbackrest.conf", config);
    folder.write("pgbackrest.conf.tmp/in the way", ""); // of a file that would take its place
    struct stat before{};
    REQUIRE(::stat(file.c_str(), &before) == 0);

    for (const auto timeline : {std::optional(2U), std::optional(11U), std::optional(3U)}) {
        CHECK(pin_timeline(file, "main", timeline));
        CHECK(folder.read("pgbackrest.conf") == with_pin(config, "main", timeline));
    }
    CHECK(pin_timeline(file, "main", std::nullopt));

    CHECK(folder.read("pgbackrest.conf") == config);
    struct stat after{};
    REQUIRE(::stat(file.c_str(), &after) == 0);
    CHECK(after.st_ino == before.st_ino);
}

TEST_CASE(
    "a configuration that cannot be written is said, with what to write by hand", "[restore]") {
    // Under /proc nobody can make a file, root neither.
    const std::filesystem::path file = "/proc/self/limits";

    const auto written = pin_timeline(file, "main", 2);

    REQUIRE_FALSE(written.has_value());
    CHECK_THAT(
        written.error().hint,
        ContainsSubstring("[main]\nrecovery-option=recovery_target_timeline=2\n"));
    CHECK(pin_timeline("/nowhere/pgbackrest.conf", "main", 2).error().code == errc::not_found);
}

TEST_CASE("which timeline goes on is kept beside the data", "[restore]") {
    const test::temporary_folder files;
    const auto root = files / "data.restpoint";
    CHECK_FALSE(noted_live_timeline(root).has_value());
    std::filesystem::create_directory(root);

    REQUIRE(note_live_timeline(root, {.live = 1, .newest = 3}));

    const auto noted = noted_live_timeline(root);
    REQUIRE(noted.has_value());
    CHECK(noted->live == 1);
    CHECK(noted->newest == 3);
    for (const auto* strange : {"", "1", "one two", "1 99999999999"}) {
        CAPTURE(strange);
        files.write("data.restpoint/live_timeline", strange);
        CHECK_FALSE(noted_live_timeline(root).has_value());
    }
}
