#include "auth/secrets.hpp"
#include "auth/token_file.hpp"
#include "support/catch.hpp"

#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>
#include <vector>

namespace restpoint::auth {
namespace {

namespace fs = std::filesystem;

struct scratch {
    scratch() {
        std::string name = (fs::temp_directory_path() / "restpoint-tokensXXXXXX").native();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("cannot make a folder for the test");
        }
        folder = name;
    }
    ~scratch() {
        std::error_code ignored;
        fs::remove_all(folder, ignored);
    }
    scratch(const scratch&) = delete;
    scratch& operator=(const scratch&) = delete;

    [[nodiscard]] fs::path file() const { return folder / "tokens"; }

    fs::path folder = {};
};

token_record drawn(std::string name) {
    const auto token = make_token(draw_token_bits());
    token_record made;
    made.id = *id_of(token);
    made.name = std::move(name);
    made.hash = sha256_hex(token);
    return made;
}

result<> add(const fs::path& file, const std::string& name) {
    return edit_token_file(file, [&](token_table& table) { return table.add(drawn(name)); });
}

unsigned mode_of(const fs::path& path) {
    struct stat about{};
    REQUIRE(::stat(path.c_str(), &about) == 0);
    return about.st_mode & 07777U;
}

std::size_t count(const fs::path& file) {
    return read_token_file(file).value().records().size();
}

} // namespace

TEST_CASE("an edited file is read back, and for nobody else to read", "[component][auth]") {
    const scratch s;

    REQUIRE(add(s.file(), "one"));
    REQUIRE(add(s.file(), "two"));

    CHECK(count(s.file()) == 2);
    CHECK(mode_of(s.file()) == 0600);
    CHECK_FALSE(fs::exists(s.folder / "tokens.tmp"));
}

TEST_CASE("the folder is made when it alone is missing", "[component][auth]") {
    const scratch s;

    CHECK(add(s.folder / "state/tokens", "one"));
    CHECK(mode_of(s.folder / "state") == 0700);
    CHECK_FALSE(add(s.folder / "a/b/tokens", "one"));
}

TEST_CASE("an edit that fails leaves the file as it was", "[component][auth]") {
    const scratch s;
    REQUIRE(add(s.file(), "one"));
    const auto before = mark_of(s.file());

    const auto refused = add(s.file(), "one");

    CHECK(refused.error().code == errc::conflict);
    CHECK(mark_of(s.file()) == before);
}

TEST_CASE("what a crash left behind does not open the file", "[component][auth]") {
    const scratch s;
    std::ofstream(s.folder / "tokens.tmp") << "half";
    REQUIRE(::chmod((s.folder / "tokens.tmp").c_str(), 0666) == 0);

    REQUIRE(add(s.file(), "one"));

    CHECK(mode_of(s.file()) == 0600);
}

TEST_CASE("a file that is not there is told from one that is wrong", "[component][auth]") {
    const scratch s;
    CHECK(read_token_file(s.file()).error().code == errc::not_found);
    CHECK(mark_of(s.file()) == file_mark{});

    std::ofstream(s.file()) << "nonsense\n";
    REQUIRE(::chmod(s.file().c_str(), 0600) == 0);
    const auto wrong = read_token_file(s.file());

    CHECK(wrong.error().code == errc::invalid);
    CHECK_THAT(wrong.error().detail, StartsWith(s.file().native() + ":1: "));
    CHECK_FALSE(add(s.file(), "one"));
}

TEST_CASE("a file that others may read or change is refused", "[component][auth]") {
    const scratch s;
    REQUIRE(add(s.file(), "one"));
    for (const auto mode : {0604U, 0620U, 0602U, 0644U, 0777U}) {
        CAPTURE(mode);
        REQUIRE(::chmod(s.file().c_str(), static_cast<mode_t>(mode)) == 0);
        const auto refused = read_token_file(s.file());
        REQUIRE_FALSE(refused);
        CHECK_THAT(refused.error().detail, ContainsSubstring(fmt::format("{:04o}", mode)));
        CHECK_THAT(refused.error().hint, StartsWith("chmod 600"));
    }
    for (const auto mode : {0400U, 0440U, 0600U, 0640U}) {
        REQUIRE(::chmod(s.file().c_str(), static_cast<mode_t>(mode)) == 0);
        CHECK(read_token_file(s.file()));
    }
}

TEST_CASE("a file of another user is refused", "[component][auth]") {
    const scratch s;
    REQUIRE(add(s.file(), "one"));
    constexpr uid_t somebody = 12345;
    if (::chown(s.file().c_str(), somebody, static_cast<gid_t>(-1)) != 0) {
        WARN("only root can give a file away: not tested");
        return;
    }

    CHECK_THAT(read_token_file(s.file()).error().detail, ContainsSubstring("another user (12345)"));
}

TEST_CASE("what is no file is not waited for", "[component][auth]") {
    const scratch s;
    REQUIRE(::mkfifo(s.file().c_str(), 0600) == 0);

    CHECK_THAT(read_token_file(s.file()).error().detail, ContainsSubstring("is no file"));
    CHECK_FALSE(read_token_file(s.folder));
}

TEST_CASE("a file that is far too large is not read", "[component][auth]") {
    const scratch s;
    std::ofstream(s.file()) << "#" << std::string((1U << 20U) + 1, 'x');
    REQUIRE(::chmod(s.file().c_str(), 0600) == 0);

    CHECK_THAT(read_token_file(s.file()).error().detail, ContainsSubstring("larger than"));
}

TEST_CASE("edits at the same time lose nothing", "[component][auth]") {
    const scratch s;
    std::vector<std::thread> editors;
    for (int i = 0; i < 8; ++i) {
        editors.emplace_back([&s, i] { static_cast<void>(add(s.file(), fmt::format("t{}", i))); });
    }
    for (auto& editor : editors) {
        editor.join();
    }

    CHECK(count(s.file()) == 8);
}

TEST_CASE("a file that was replaced or changed has another mark", "[component][auth]") {
    const scratch s;
    REQUIRE(add(s.file(), "one"));
    const auto first = mark_of(s.file());
    CHECK(mark_of(s.file()) == first);

    REQUIRE(add(s.file(), "two"));
    const auto second = mark_of(s.file());
    CHECK_FALSE(second == first);

    fs::remove(s.file());
    CHECK(mark_of(s.file()) == file_mark{});
}

TEST_CASE("two draws differ in the id and in the secret", "[component][auth]") {
    const auto a = draw_token_bits();
    const auto b = draw_token_bits();

    CHECK(a.id != b.id);
    CHECK(a.secret != b.secret);
}

TEST_CASE("a token is revoked where no new file can be written", "[component][auth]") {
    const scratch s;
    REQUIRE(add(s.file(), "one"));
    REQUIRE(add(s.file(), "two"));
    fs::create_directory(s.folder / "tokens.tmp"); // as a full disk would be in the way

    REQUIRE_FALSE(add(s.file(), "three"));
    REQUIRE(revoke_token(s.file(), "one"));

    const auto left = read_token_file(s.file()).value();
    REQUIRE(left.records().size() == 1);
    CHECK(left.records().front().name == "two");
    CHECK(revoke_token(s.file(), "one").error().code == errc::not_found);

    fs::remove(s.folder / "tokens.tmp");
    CHECK(add(s.file(), "one"));
    CHECK(count(s.file()) == 2);
}

TEST_CASE("a token that cannot be revoked is told to be good still", "[component][auth]") {
    const scratch s;
    REQUIRE(add(s.file(), "one"));
    fs::rename(s.file(), s.folder / "elsewhere");
    fs::create_symlink(s.folder / "elsewhere", s.file());
    fs::create_directory(s.folder / "tokens.tmp");

    const auto refused = revoke_token(s.file(), "one");

    REQUIRE_FALSE(refused);
    CHECK_THAT(
        refused.error().detail, StartsWith("the token 'one' is still good: ") &&
                                    ContainsSubstring(s.file().native() + ".tmp"));
    CHECK_THAT(refused.error().hint, ContainsSubstring(s.folder.native()));
    CHECK(count(s.file()) == 1);
}

TEST_CASE(
    "a revoked token is gone from the file, and one that is not there is told",
    "[component][auth]") {
    const scratch s;
    CHECK(revoke_token(s.file(), "one").error().code == errc::not_found);
    REQUIRE(add(s.file(), "one"));

    REQUIRE(revoke_token(s.file(), "one"));

    CHECK(count(s.file()) == 0);
    CHECK_FALSE(revoke_token(s.folder / "none/tokens", "one"));
}

} // namespace restpoint::auth
