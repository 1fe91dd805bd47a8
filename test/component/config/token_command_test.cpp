#include "base/file.hpp"
#include "program.hpp"
#include "support/catch.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <regex>

using namespace restpoint;
using test::ended;
using test::run_restpoint;
using test::scratch_folder;

namespace {

/// `restpoint token …` with the tokens in a folder of the test.
class tokens {
  public:
    ended run(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), "token");
        arguments.push_back("--state.dir=" + folder_.path().native());
        // Who has stepped down from root may not be looked into any more, and so not for leaks.
        return run_restpoint(arguments, {"ASAN_OPTIONS=detect_leaks=0"});
    }

    const std::filesystem::path& folder() const { return folder_.path(); }

    std::string file() const {
        const auto content = read_file(folder_.path() / "tokens");
        return content ? *content : std::string();
    }

  private:
    scratch_folder folder_;
};

} // namespace

TEST_CASE("a new token stands alone on standard output", "[component][config]") {
    const tokens t;
    const auto made = t.run({"create", "--name", "ci", "--role=operator"});

    CAPTURE(made.err);
    REQUIRE(made.exit_code == 0);
    CHECK(std::regex_match(made.out, std::regex("rp_[a-z2-7]{8}_[a-z2-7]{32}\n")));
    CHECK_THAT(made.err, ContainsSubstring("token 'ci' (operator) expires: 20"));
    CHECK(made.err.find(made.out.substr(0, made.out.size() - 1)) == std::string::npos);
    const auto secret = made.out.substr(12, 32);
    CHECK_THAT(t.file(), ContainsSubstring(" ci operator ") && !ContainsSubstring(secret));
}

TEST_CASE("two tokens are two", "[component][config]") {
    const tokens t;
    const auto first = t.run({"create", "--name=a", "--role=admin"});
    const auto second = t.run({"create", "--name=b", "--role=admin", "--expires-in", "never"});

    REQUIRE(second.exit_code == 0);
    CHECK(first.out != second.out);
    CHECK_THAT(second.err, ContainsSubstring("expires: never"));
}

TEST_CASE("tokens are listed without what they open", "[component][config]") {
    const tokens t;
    const auto made = t.run({"create", "--name=nightly", "--role=viewer", "--expires-in=90d"});
    const auto listed = t.run({"list"});

    CHECK(listed.exit_code == 0);
    CHECK_THAT(
        listed.out,
        StartsWith("NAME     ROLE      CREATED") && ContainsSubstring("\nnightly  viewer    20"));
    CHECK(listed.out.find(made.out.substr(12, 32)) == std::string::npos);

    const tokens none;
    CHECK(none.run({"list"}).exit_code == 0);
    CHECK(none.run({"list"}).out.empty());
}

TEST_CASE("a revoked token is gone from the file", "[component][config]") {
    const tokens t;
    t.run({"create", "--name=ci", "--role=viewer"});
    const auto gone = t.run({"revoke", "ci"});

    CHECK(gone.exit_code == 0);
    CHECK(t.file().find(" ci ") == std::string::npos);
    const auto again = t.run({"revoke", "ci"});
    CHECK(again.exit_code == 1);
    CHECK_THAT(again.err, StartsWith("restpoint: there is no token 'ci'\n"));
}

TEST_CASE("a name that is taken makes no second token", "[component][config]") {
    const tokens t;
    t.run({"create", "--name=ci", "--role=viewer"});
    const auto before = t.file();
    const auto again = t.run({"create", "--name=ci", "--role=admin"});

    CHECK(again.exit_code == 1);
    CHECK(again.out.empty());
    CHECK(t.file() == before);
}

TEST_CASE("what is not understood makes no token, with exit code 2", "[component][config]") {
    const tokens t;
    for (const auto& [arguments, named] :
         std::vector<std::pair<std::vector<std::string>, std::string>>{
             {{}, "unknown subcommand 'token --state.dir"},
             {{"frob"}, "unknown subcommand 'token frob'"},
             {{"create", "--role=admin"}, "token create needs --name"},
             {{"create", "--name=a b", "--role=admin"}, "--name 'a b' is no name"},
             {{"create", "--name=ci"}, "token create needs --role"},
             {{"create", "--name=ci", "--role=root"}, "--role 'root' is no role"},
             {{"create", "--name=ci", "--role=admin", "--expires-in=soon"}, "'soon' is no time"},
             {{"create", "--name=ci", "--name=di", "--role=admin"}, "--name is there twice"},
             {{"create", "--name=ci", "--role=admin", "--frob=1"}, "unknown flag --frob"},
             {{"revoke"}, "needs the name of a token"}}) {
        const auto refused = t.run(arguments);
        CAPTURE(named, refused.err);
        CHECK(refused.exit_code == 2);
        CHECK(refused.out.empty());
        CHECK_THAT(refused.err, StartsWith("restpoint: ") && ContainsSubstring(named));
    }
    CHECK(t.file().empty());
    CHECK(run_restpoint({"token", "create", "--name"}).exit_code == 2);
    CHECK(run_restpoint({"token"}).exit_code == 2);
}

TEST_CASE("the tokens file is where the configuration says", "[component][config]") {
    const scratch_folder folder;
    const auto path = (folder.path() / "mine").native();
    const auto made = run_restpoint(
        {"token", "create", "--name=ci", "--role=admin"}, {"RESTPOINT_AUTH_TOKENS_FILE=" + path});

    CAPTURE(made.err);
    CHECK(made.exit_code == 0);
    CHECK_THAT(read_file(path).value(), ContainsSubstring(" ci admin "));
}

TEST_CASE("root writes through no link of the folder's owner", "[component][config]") {
    constexpr uid_t somebody = 12345;
    const tokens t;
    const scratch_folder of_root;
    const auto precious = of_root.write("precious", "");
    REQUIRE(::chmod(of_root.path().c_str(), 0755) == 0);
    REQUIRE(::chmod(precious.c_str(), 0600) == 0);
    if (::chown(t.folder().c_str(), somebody, somebody) != 0) {
        WARN("only root has anybody to step down to: not tested");
        return;
    }

    SECTION("of the file") {
        std::filesystem::create_symlink(precious, t.folder() / "tokens");
        CHECK(t.run({"create", "--name=ci", "--role=admin"}).exit_code == 1);
        CHECK(t.run({"list"}).exit_code == 1); // and root reads nothing for it
    }
    SECTION("of the temporary file") {
        std::filesystem::create_symlink(precious, t.folder() / "tokens.tmp");
        CHECK(t.run({"create", "--name=ci", "--role=admin"}).exit_code == 0);
        struct stat about{};
        REQUIRE(::lstat((t.folder() / "tokens").c_str(), &about) == 0);
        CHECK(about.st_uid == somebody);
        CHECK(about.st_gid == somebody);
    }
    SECTION("of the lock") {
        std::filesystem::create_symlink(precious, t.folder() / "tokens.lock");
        CHECK(t.run({"create", "--name=ci", "--role=admin"}).exit_code == 1);
    }
    CHECK(read_file(precious).value().empty());
}
