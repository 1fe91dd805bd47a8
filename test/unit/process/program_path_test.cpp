#include "process/program_path.hpp"
#include "support/catch.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace restpoint;
using namespace restpoint::process;

namespace {

struct folders {
    folders() {
        std::string name = (std::filesystem::temp_directory_path() / "program_pathXXXXXX").native();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        root = name;
        for (const auto* f : {"a", "b", "c"}) {
            std::filesystem::create_directory(root / f);
        }
    }
    folders(const folders&) = delete;
    folders& operator=(const folders&) = delete;
    ~folders() { std::filesystem::remove_all(root); }

    void put(const std::string& where, mode_t mode) const {
        std::ofstream(root / where) << "#!/bin/sh\n";
        ::chmod((root / where).c_str(), mode);
    }
    [[nodiscard]] std::vector<std::string> environment() const {
        const auto r = root.native();
        return {"HOME=/", "PATH=" + r + "/a:" + r + "/b:" + r + "/c", "PATHS=/nowhere"};
    }

    std::filesystem::path root;
};

} // namespace

TEST_CASE("the first executable in PATH is the program", "[process]") {
    const folders at;
    at.put("b/tool", 0755);
    at.put("c/tool", 0755);

    CHECK(find_program("tool", at.environment()).value() == (at.root / "b/tool").native());
}

TEST_CASE("what cannot be executed and folders are passed over", "[process]") {
    const folders at;
    std::filesystem::create_directory(at.root / "a/tool");
    at.put("b/tool", 0644);
    at.put("c/tool", 0755);

    CHECK(find_program("tool", at.environment()).value() == (at.root / "c/tool").native());
}

TEST_CASE("a program that is there but not executable is not called missing", "[process]") {
    const folders at;
    at.put("b/tool", 0644);

    const auto found = find_program("tool", at.environment());

    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().code == errc::io);
    CHECK_THAT(found.error().detail, ContainsSubstring("b/tool"));
}

TEST_CASE("a program that is nowhere is not found, with the PATH that was searched", "[process]") {
    const folders at;

    const auto found = find_program("tool", at.environment());

    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().code == errc::not_found);
    CHECK_THAT(found.error().detail, ContainsSubstring((at.root / "c").native()));
}

TEST_CASE("a name with a slash is taken as it is", "[process]") {
    CHECK(find_program("/no/such/thing", {}).value() == "/no/such/thing");
    CHECK(find_program("./tool", {}).value() == "./tool");
}

TEST_CASE("the working directory is never searched", "[process]") {
    const folders at;
    at.put("tool", 0755);
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(at.root);

    for (const auto* path : {"PATH=", "PATH=:", "PATH=.", "PATH=.:", "PATH=a/.."}) {
        CAPTURE(path);
        CHECK_FALSE(find_program("tool", {path}).has_value());
    }
    std::filesystem::current_path(before);
}

TEST_CASE("without a PATH the system's folders are searched", "[process]") {
    CHECK(find_program("sh", {"HOME=/"}).has_value());
}
