// A service whose files or rows somebody else meddles with, and what it says of bad ends.
#include "service_fixture.hpp"
#include "support/standard_error.hpp"

using namespace restpoint;
using namespace restpoint::jobs;
using namespace restpoint::jobs::test;
using backrest::backup_type;
using restpoint::test::standard_error;

namespace {

/// A file in the place of another, as long as it lasts; needs root.
class cover {
  public:
    cover(const std::filesystem::path& what, const std::filesystem::path& over) : over_(over) {
        covered_ = name_space_.usable() &&
                   ::mount(what.c_str(), over.c_str(), nullptr, MS_BIND, nullptr) == 0;
    }
    cover(const cover&) = delete;
    cover& operator=(const cover&) = delete;
    ~cover() {
        if (covered_) {
            ::umount2(over_.c_str(), MNT_DETACH);
        }
    }
    [[nodiscard]] bool usable() const { return covered_; }

  private:
    temporary_folder folder_;
    small_disk name_space_{folder_.path(), "size=64k"}; // brings a name space of our own
    std::filesystem::path over_;
    bool covered_ = false;
};

} // namespace

TEST_CASE("a job whose row was changed under it still comes to its end", "[component][jobs]") {
    const machine home;
    const auto* const meddling = GENERATE("update jobs set state = 'failed';", "delete from jobs;");
    CAPTURE(meddling);
    life now(home, {.mode = "wait-for-file"});
    const auto taken = now.submit_and_begin(a(backup_type::full));
    const standard_error said;
    home.sql(meddling);

    home.open_gate("backup");
    now.loop.until("the job is let go", [&] { return said.lines_with({"job ended"}) == 1; });

    CHECK(said.lines_with({"error", "does not take its end", "job=1"}) == 1);
    CHECK_FALSE(std::filesystem::exists(home.files(taken.id).exit));
    CHECK(now.try_submit(a(backup_type::diff)).has_value());
}

TEST_CASE("a log that cannot be read costs the progress and one line", "[component][jobs]") {
    const machine home;
    job_id id = 0;
    {
        life first(home, {.mode = "wait-for-file"});
        id = first.submit_and_begin(a(job_kind::check)).id;
        first.shut_down(on_stop::leave, std::chrono::seconds{5});
    }
    const cover unreadable("/sys/class/net/lo/speed", home.files(id).log); // read(2): EINVAL
    if (!unreadable.usable()) {
        WARN("SKIPPED, no file here whose reading fails");
        return;
    }
    const standard_error said;
    life second(home, {.mode = "wait-for-file"});

    second.adopt();
    second.loop.until(
        "it is said", [&] { return said.lines_with({"warn", "progress is not known"}) > 0; });
    home.open_gate("check");

    CHECK(second.ended(id).state == job_state::succeeded);
    CHECK(said.lines_with({"cannot be read"}) == 1);
    CHECK(said.lines_with({"task failed"}) == 0);
}

TEST_CASE("a job that ends badly is an error in the log, with who asked", "[component][jobs]") {
    const machine home;
    const standard_error said;
    {
        life now(home, {.mode = "fail", .environment = {"MODE_check=hang", "MODE_expire=ok"}});
        now.ended(now.submit(a(backup_type::full)).id);
        now.ended(now.submit(a(job_kind::expire)).id);
        const auto cancelled = now.submit_and_begin(a(job_kind::check)).id;
        REQUIRE(now.cancel(cancelled));
        now.ended(cancelled);
        now.submit_and_begin(a(job_kind::check));
        now.shut_down(on_stop::stop, std::chrono::seconds{5});
    }

    CHECK(said.lines_with({" error ", "job ended", "state=failed", "requested_by=test"}) == 1);
    CHECK(said.lines_with({" error ", "job ended", "state=interrupted"}) == 1);
    CHECK(said.lines_with({" info ", "job ended", "state=succeeded"}) == 1);
    CHECK(said.lines_with({" info ", "job ended", "state=cancelled"}) == 1);
    CHECK(said.lines_with({"job ended"}) == 4);
}
