#include "jobs/verify_size.hpp"
#include "support/catch.hpp"

namespace restpoint::jobs {
namespace {

backrest::backup_info a_set(std::int64_t repo, std::optional<std::uint64_t> bytes) {
    backrest::backup_info set;
    set.repo = repo;
    set.repo_delta = bytes;
    return set;
}

archive_answer an_archive(std::int64_t repo, std::uint64_t bytes) {
    archive_answer archive;
    archive.of.repo = repo;
    archive.window.bytes = bytes;
    return archive;
}

struct two_repos {
    std::vector<backrest::stanza_info> stanzas{1};
    window_answer archives = {};
    job_spec what = {};

    two_repos() {
        stanzas[0].name = what.stanza = "main";
        stanzas[0].repos = {{2, {}, {}}, {1, {}, {}}};
        stanzas[0].backups = {a_set(1, 100), a_set(1, 10), a_set(2, 5000)};
        archives.archives = {an_archive(1, 7), an_archive(2, 600), an_archive(1, 3)};
    }
    [[nodiscard]] std::optional<std::uint64_t> bytes() const {
        return bytes_to_verify(what, stanzas, archives);
    }
};

} // namespace

TEST_CASE("the first repo is verified, or the one that is named", "[unit][jobs]") {
    two_repos there;
    CHECK(there.bytes() == 120);
    there.what.repo = 2;
    CHECK(there.bytes() == 5600);
    there.what.repo.reset();
    there.stanzas[0].repos.clear();
    CHECK(there.bytes() == 120);
}

TEST_CASE("what is not known of a repo makes its size unknown", "[unit][jobs]") {
    two_repos there;
    there.archives.archives[1].error = failure{errc::unavailable, "not listed"};
    there.stanzas[0].backups.push_back(a_set(2, {}));
    CHECK(there.bytes() == 120); // of the other repo
    there.archives.archives[0].error = failure{errc::unavailable, "not listed"};
    CHECK_FALSE(there.bytes());
    two_repos blocks;
    blocks.stanzas[0].backups.push_back(a_set(1, {}));
    CHECK_FALSE(blocks.bytes());
    blocks.what.stanza = "other";
    CHECK_FALSE(blocks.bytes());
}

} // namespace restpoint::jobs
