#include "restore/look_at_place.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace fs = std::filesystem;
using namespace restpoint;
using namespace restpoint::restore;

namespace {

/// A data directory on timeline 3 of a cluster that is shut down, and a configuration that names it.
class stopped_place {
  public:
    stopped_place() {
        fs::create_directories(data() / "global");
        std::string control(8192, '\0');
        const std::uint64_t system = 42;
        const std::uint32_t version = 1300;
        const std::uint32_t state = 1;
        const std::uint32_t timeline = 3;
        std::memcpy(control.data(), &system, sizeof system);
        std::memcpy(control.data() + 8, &version, sizeof version);
        std::memcpy(control.data() + 16, &state, sizeof state);
        std::memcpy(control.data() + 48, &timeline, sizeof timeline);
        write(data() / "global/pg_control", control);
        write(
            config(), "[global]\nlock-path=" + (folder_ / "lock").native() +
                          "\n[main]\npg1-path=" + data().native() + "\n");
    }
    ~stopped_place() {
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    }
    stopped_place(const stopped_place&) = delete;
    stopped_place& operator=(const stopped_place&) = delete;

    [[nodiscard]] fs::path data() const { return folder_ / "data"; }
    [[nodiscard]] fs::path config() const { return folder_ / "pgbackrest.conf"; }
    [[nodiscard]] fs::path lock() const { return folder_ / "lock"; }
    [[nodiscard]] place_question question() const {
        return {.stanza = "main", .pgbackrest_config = config()};
    }
    static void write(const fs::path& path, const std::string& content) {
        std::ofstream(path, std::ios::binary) << content;
    }

  private:
    static fs::path make_folder() {
        std::string name = (fs::temp_directory_path() / "restpoint-placeXXXXXX").native();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("cannot make a folder for the test");
        }
        return name;
    }
    fs::path folder_ = make_folder();
};

bool warns(const surroundings& found, const std::string& of) {
    return std::any_of(found.warnings.begin(), found.warnings.end(), [&](const auto& one) {
        return one.find(of) != one.npos;
    });
}

} // namespace

TEST_CASE(
    "a data directory says whose it is, and how much room is beside it", "[component][restore]") {
    const stopped_place at;
    stopped_place::write(at.data() / "ballast", std::string(1'000'000, 'x'));

    const auto found = look_at_place(at.question());

    CHECK(found.where.data_directory == at.data());
    CHECK(found.where.exists);
    CHECK(found.where.inode != 0);
    CHECK(found.where.unclear.empty());
    CHECK(found.where.configuration.find("pg1-path") != std::string::npos);
    REQUIRE(found.stopped.has_value());
    CHECK(found.stopped->system_id == 42);
    CHECK(found.stopped->timeline == 3);
    CHECK(found.stopped->shut_down);
    REQUIRE(found.room.has_value());
    CHECK(found.room->free_bytes > 0);
    CHECK(found.room->data_bytes >= 1'000'000);
    CHECK(found.stop_files.empty());
    CHECK(found.warnings.empty());
}

TEST_CASE("a data directory that is gone has room where it was", "[component][restore]") {
    const stopped_place at;
    fs::remove_all(at.data());

    const auto found = look_at_place(at.question());

    CHECK(found.where.data_directory == at.data());
    CHECK_FALSE(found.where.exists);
    CHECK_FALSE(found.stopped.has_value());
    REQUIRE(found.room.has_value());
    CHECK(found.room->data_bytes == 0);
    CHECK(found.warnings.empty());
}

TEST_CASE(
    "two names of one data directory are clear, two directories are not", "[component][restore]") {
    const stopped_place at;
    auto asked = at.question();
    const auto link = at.data().native() + "-link";
    fs::create_directory_symlink(at.data(), link);

    asked.server_says = link;
    CHECK(look_at_place(asked).where.unclear.empty());
    asked.data_directory = at.lock();
    CHECK(look_at_place(asked).where.unclear.find("postgres.data_dir is") == 0);
}

TEST_CASE("stop files of the stanza and of all are found", "[component][restore]") {
    const stopped_place at;
    fs::create_directory(at.lock());
    stopped_place::write(at.lock() / "other.stop", "");
    CHECK(look_at_place(at.question()).stop_files.empty());
    stopped_place::write(at.lock() / "main.stop", "");
    stopped_place::write(at.lock() / "all.stop", "");
    CHECK(look_at_place(at.question()).stop_files.size() == 2);
}

TEST_CASE("what cannot be looked at is told", "[component][restore]") {
    const stopped_place at;
    stopped_place::write(at.data() / "global/pg_control", "nonsense");
    CHECK(warns(look_at_place(at.question()), "pg_control is not understood"));
    fs::remove(at.config());
    const auto found = look_at_place(at.question());
    CHECK(warns(found, "could not be read"));
    CHECK(found.where.data_directory.empty());
}

TEST_CASE(
    "the tablespaces of the present cluster are found by their links", "[component][restore]") {
    const stopped_place place;
    fs::create_directories(place.data() / "pg_tblspc");
    const auto tablespace = place.data().parent_path() / "ts";
    fs::create_directory(tablespace);
    fs::create_directory_symlink(tablespace, place.data() / "pg_tblspc/16385");
    fs::create_directory_symlink(tablespace, place.data() / "pg_wal");

    const auto found = look_at_place(place.question());

    CHECK(found.tablespaces == std::map<std::string, fs::path>{{"16385", tablespace}});
}
