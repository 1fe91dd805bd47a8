// Files of our own in a repo, with a script in pgbackrest's place.
#include "jobs/repo_files.hpp"
#include "service_fixture.hpp"

using namespace restpoint;
using namespace restpoint::jobs;
using namespace restpoint::jobs::test;
using namespace std::chrono_literals;

namespace {

/// Notes its arguments and its input, then does what `body` says.
struct stand_in {
    explicit stand_in(const std::string& body) {
        REQUIRE(write_file(
            program(),
            "#!/bin/sh\necho \"$*\" >> '" + notes().native() + "'\ncat >> '" + notes().native() +
                "'\n" + body + "\n",
            0700));
    }
    [[nodiscard]] std::filesystem::path program() const { return home.path() / "pgbackrest"; }
    [[nodiscard]] std::filesystem::path notes() const { return home.path() / "notes"; }
    [[nodiscard]] repo_files files() const {
        repo_files_options options;
        options.how = {program().native(), "/etc/pg.conf", "main"};
        options.environment = {"PATH=/usr/bin:/bin"};
        options.listing_bytes = 1000;
        return repo_files(options);
    }
    temporary_folder home = {};
    hand_driven_loop loop = {};
};

const std::string front = "--config=/etc/pg.conf --stanza=main --log-level-console=off"
                          " --log-level-stderr=error --log-level-file=off ";

} // namespace

TEST_CASE("a file is put with its content on standard input", "[component][jobs]") {
    stand_in world("exit 0");
    const auto files = world.files();

    CHECK(world.loop.get("the put", files.put("restpoint/a", "first\nsecond\n", 20s)));

    CHECK(
        lines_of(world.notes()) ==
        std::vector<std::string>{front + "repo-put restpoint/a", "first", "second"});
}

TEST_CASE("a put that fails says why", "[component][jobs]") {
    stand_in world("echo 'ERROR: [048]: invalid command' >&2; exit 48");
    const auto files = world.files();

    const auto done = world.loop.get("the put", files.put("a", "x", 20s));

    REQUIRE_FALSE(done);
    CHECK_THAT(
        done.error().detail, ContainsSubstring("repo-put failed: ERROR: [048]: invalid command"));
}

TEST_CASE("a put that hangs is cut off", "[component][jobs]") {
    stand_in world("exec sleep 600");
    const auto files = world.files();

    const auto done = world.loop.get("the put", files.put("a", "x", 50ms));

    REQUIRE_FALSE(done);
    CHECK(done.error().code == errc::timed_out);
}

TEST_CASE("a folder is listed without what lies below", "[component][jobs]") {
    stand_in world(R"(echo '{".":{"type":"path"},"b":{"type":"file","size":1,"time":7}}')");
    const auto files = world.files();

    const auto all = world.loop.get("the list", files.list("restpoint/a"));
    const auto some = world.loop.get("the list", files.list("restpoint/a", "b$"));

    REQUIRE(all);
    REQUIRE(some);
    CHECK(*all == std::vector<backrest::repo_entry>{{"b", false, 7}});
    CHECK(*some == *all);
    CHECK(
        lines_of(world.notes()) == std::vector<std::string>{
                                       front + "repo-ls restpoint/a --output=json",
                                       front + "repo-ls restpoint/a --filter=b$ --output=json"});
}

TEST_CASE("a listing that fails, is none or has no end is refused", "[component][jobs]") {
    const auto* const body = GENERATE("exit 99", "echo nothing", "exec yes");
    stand_in world(body);
    const auto files = world.files();

    CHECK_FALSE(world.loop.get("the list", files.list("a")));
}

TEST_CASE("a folder is removed with all in it", "[component][jobs]") {
    stand_in world("exit 0");
    const auto files = world.files();

    CHECK(world.loop.get("the removal", files.remove("restpoint/a")));

    CHECK(
        lines_of(world.notes()) ==
        std::vector<std::string>{front + "repo-rm restpoint/a --recurse"});
}

TEST_CASE("a removal that fails says why", "[component][jobs]") {
    stand_in world("exit 25");
    const auto files = world.files();

    const auto done = world.loop.get("the removal", files.remove("a"));

    REQUIRE_FALSE(done);
    CHECK_THAT(done.error().detail, ContainsSubstring("repo-rm"));
}
