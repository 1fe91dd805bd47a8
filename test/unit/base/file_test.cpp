#include "base/file.hpp"
#include "support/catch.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace restpoint;

namespace {

struct temporary_folder {
    temporary_folder() { REQUIRE(::mkdtemp(name.data()) != nullptr); }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    ~temporary_folder() { std::filesystem::remove_all(name); }

    [[nodiscard]] std::filesystem::path file(const char* of) const {
        return std::filesystem::path(name) / of;
    }

    std::string name = (std::filesystem::temp_directory_path() / "restpoint-file-XXXXXX").native();
};

} // namespace

TEST_CASE("a file is read whole, up to a limit", "[base]") {
    const temporary_folder folder;
    const auto file = folder.file("f");
    std::ofstream(file) << std::string(20000, 'x');

    CHECK(read_file(file, 20000).value().size() == 20000);
    CHECK(read_file(file, 19999).error().code == errc::invalid);
    CHECK(read_file(folder.file("g"), 1).error().code == errc::not_found);
}

TEST_CASE("nobody waits for the writer of a pipe", "[base]") {
    const temporary_folder folder;
    const auto pipe = folder.file("p");
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);

    const auto read = read_file(pipe, 100);

    REQUIRE_FALSE(read);
    CHECK(read.error().code == errc::invalid);
    CHECK_THAT(read.error().detail, ContainsSubstring("is not a file"));
}

TEST_CASE("a file is replaced, and so is what a crash left of one", "[base]") {
    const temporary_folder folder;
    const auto file = folder.file("f");
    std::ofstream(folder.file("f.tmp")) << "much more than is written now";

    REQUIRE(write_file(file, "one"));
    REQUIRE(write_file(file, "two", 0640));

    CHECK(read_file(file).value() == "two");
    CHECK_FALSE(std::filesystem::exists(folder.file("f.tmp")));
    struct stat about{};
    REQUIRE(::stat(file.c_str(), &about) == 0);
    CHECK((about.st_mode & 07777U & ~0640U) == 0);
}

TEST_CASE("nothing is written through a link that somebody planted", "[base]") {
    const temporary_folder folder;
    std::ofstream(folder.file("precious")) << "old";
    std::filesystem::create_symlink(folder.file("precious"), folder.file("f.tmp"));
    std::filesystem::create_symlink(folder.file("precious"), folder.file("f"));

    REQUIRE(write_file(folder.file("f"), "new"));

    CHECK(read_file(folder.file("precious")).value() == "old");
    CHECK(std::filesystem::is_regular_file(std::filesystem::symlink_status(folder.file("f"))));
}

TEST_CASE("a file that cannot be written is named", "[base]") {
    const temporary_folder folder;
    std::filesystem::create_directory(folder.file("f.tmp"));

    const auto refused = write_file(folder.file("f"), "new");

    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().detail, ContainsSubstring("/f.tmp'"));
    CHECK_FALSE(write_file(folder.file("none/f"), "new"));
}
