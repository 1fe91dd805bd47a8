// Final jobs that the store remembers, and retention.
#include "jobs/sqlite.hpp"
#include "store_fixture.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace asio = boost::asio;
using namespace restpoint;
using namespace restpoint::jobs;
using namespace restpoint::jobs::test;

namespace {

constexpr wall_time now{std::chrono::seconds{1'795'340'000}};

/// A store with one job that has ended.
struct ended {
    ended() {
        std::filesystem::create_directory(folder.path() / "jobs");
        auto last = a_backup(job_state::running);
        id = last.id = run(rows->insert(last)).value();
        last.state = job_state::succeeded;
        REQUIRE(run(rows->update(last)));
    }

    [[nodiscard]] std::optional<job> find() { return run(rows->find(id)).value(); }

    temporary_folder folder;
    std::unique_ptr<store> rows = opened(folder.path());
    job_id id = 0;
};

using answers = std::pair<std::optional<job>, bool>;

/// Asks for the job, and while the answer is on its way has it removed.
asio::awaitable<answers> find_while_removed(store& rows, job_id id) {
    using namespace asio::experimental::awaitable_operators;
    auto finding = rows.find(id);
    auto removing = rows.remove_jobs({id});
    auto [found, removed] = co_await (std::move(finding) && std::move(removing));
    co_return answers{found.value(), removed.has_value()};
}

} // namespace

TEST_CASE("a final job is found again without the disk", "[component][jobs]") {
    ended e;
    REQUIRE(e.find());
    {
        const auto raw = database::open(e.folder.path() / "restpoint.db").value().release();
        const std::unique_ptr<database> owner(raw);
        REQUIRE(raw->run("delete from jobs;")); // which only retention may, and it would tell
    }

    const auto again = e.find();
    REQUIRE(again);
    CHECK(again->requested_by == "http 127.0.0.1");
}

TEST_CASE("a job that was found is gone once it was removed", "[component][jobs]") {
    ended e;
    REQUIRE(e.find());

    REQUIRE(run(e.rows->remove_jobs({e.id})));

    CHECK_FALSE(e.find());
}

TEST_CASE("a job that was found tells when its log was removed", "[component][jobs]") {
    ended e;
    REQUIRE(e.find());

    REQUIRE(run(e.rows->remove_logs({e.id}, now)));

    CHECK(e.find()->log_removed == now);
}

TEST_CASE("a job that is read while it is removed does not come back", "[component][jobs]") {
    ended e;

    const auto [found, removed] = run(find_while_removed(*e.rows, e.id));

    REQUIRE(removed);
    CHECK(found); // it was there when the question was asked
    CHECK_FALSE(e.find());
}
