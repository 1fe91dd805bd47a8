// The cached window, read from a stand-in for pgbackrest that prints what real ones printed.
#include "jobs/window_cache.hpp"
#include "service_fixture.hpp"

using namespace restpoint;
using namespace restpoint::jobs;
using namespace restpoint::jobs::test;

namespace {

using answer = result<std::shared_ptr<const window_answer>>;

std::filesystem::path sample_path(const std::string& name) {
    return std::filesystem::path(RESTPOINT_TEST_DATA) / "backrest" / name;
}

boost::asio::awaitable<std::optional<std::uint64_t>> sixteen_mb() {
    co_return 16ULL << 20U;
}

/// A window_cache over an archive with two timelines, whose files the test may replace.
class looked_at {
  public:
    looked_at() {
        copy("info-timelines-64mb.json", "info");
        copy("repo-ls-64mb.json", "listing");
        copy("timeline-2-64mb.history", "history");
        info_options asking;
        asking.binary = RESTPOINT_FAKE_PGBACKREST;
        asking.stanza = "main";
        asking.environment = {
            "PATH=/usr/bin:/bin", "FAKE_ARGV=" + file("argv"),
            "FAKE_PGBACKREST_INFO=" + file("info"), "FAKE_LISTING=" + file("listing"),
            "FAKE_HISTORY=" + file("history")};
        info.emplace(loop.executor(), asking);
        window_options options;
        options.binary = asking.binary;
        options.stanza = asking.stanza;
        options.environment = asking.environment;
        options.fresh_for = std::chrono::hours{1};
        options.patience = std::chrono::minutes{1};
        options.info = [this] { return info->get(); };
        options.segment_size = sixteen_mb;
        cache.emplace(loop.executor(), options);
    }
    looked_at(const looked_at&) = delete;
    looked_at& operator=(const looked_at&) = delete;
    ~looked_at() {
        try {
            loop.finish("the window stops", cache->stop());
            loop.finish("the info stops", info->stop());
        } catch (const std::exception& e) {
            WARN(e.what());
        }
    }

    void copy(const std::string& sample, const std::string& to) const {
        std::filesystem::copy_file(
            sample_path(sample), file(to), std::filesystem::copy_options::overwrite_existing);
    }
    void remove(const std::string& name) const { std::filesystem::remove(file(name)); }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(file(name)) << text;
    }
    [[nodiscard]] std::string file(const std::string& name) const {
        return (folder_.path() / name).native();
    }
    answer get() { return loop.get("a window", cache->get()); }

    /// How often a command was called.
    [[nodiscard]] std::size_t calls(const std::string& command) const {
        std::size_t count = 0;
        for (const auto& line : lines_of(file("argv"))) {
            count += line.find(" " + command) != line.npos ? 1U : 0U;
        }
        return count;
    }

    hand_driven_loop loop;
    std::optional<info_cache> info;
    std::optional<window_cache> cache;

  private:
    temporary_folder folder_;
};

} // namespace

TEST_CASE("the window is read from the repo, timeline by timeline", "[component][jobs]") {
    looked_at of;
    const auto told = of.get();

    REQUIRE(told.has_value());
    REQUIRE((*told)->archives.size() == 1);
    const auto& archive = (*told)->archives[0];
    CHECK_FALSE((*told)->stale);
    CHECK_FALSE(archive.error.has_value());
    CHECK(archive.of == archive_key{1, 1, "15-1", true});
    // The server's size does not fit the backups, so it is another server's.
    CHECK(archive.window.size.layout.segment_bytes() == 64U << 20U);
    REQUIRE(archive.window.timelines.size() == 2);
    CHECK(archive.window.timelines[1].parent == 1U);
    CHECK(archive.window.timelines[1].gap_count == 0);
    CHECK(archive.window.timelines[1].restorable.size() == 1);
}

TEST_CASE("many who ask share one look, and its answer serves", "[component][jobs]") {
    looked_at of;
    std::vector<std::shared_ptr<hand_driven_loop::pending<answer>>> all;
    for (int i = 0; i < 10; ++i) {
        all.push_back(of.loop.start(of.cache->get()));
    }
    of.loop.until("all are answered", [&] {
        return std::ranges::all_of(all, [](const auto& one) { return one->ended(); });
    });
    CHECK(of.get().has_value());

    CHECK(of.calls("repo-ls") == 1);
    CHECK(of.calls("repo-get") == 1);
}

TEST_CASE("a look after a job lists again, and reads no history twice", "[component][jobs]") {
    looked_at of;
    CHECK(of.get().has_value());

    of.cache->drop();
    const auto again = of.get();

    REQUIRE(again.has_value());
    CHECK((*again)->archives.at(0).window.timelines.at(1).parent == 1U);
    CHECK(of.calls("repo-ls") == 2);
    CHECK(of.calls("repo-get") == 1);
}

TEST_CASE(
    "an archive that cannot be listed is in the answer with the reason", "[component][jobs]") {
    looked_at of;
    of.remove("listing");
    const auto told = of.get();

    REQUIRE(told.has_value());
    const auto& archive = (*told)->archives.at(0);
    REQUIRE(archive.error.has_value());
    CHECK_THAT(archive.error->detail, StartsWith("pgbackrest repo-ls failed: ERROR: [055]"));
    CHECK(archive.window.timelines.empty());
}

TEST_CASE("a listing that is none is in the answer with the reason", "[component][jobs]") {
    looked_at of;
    of.write("listing", "WARN: something\n{}");
    const auto told = of.get();

    REQUIRE(told.has_value());
    REQUIRE((*told)->archives.at(0).error.has_value());
    CHECK_THAT((*told)->archives[0].error->detail, ContainsSubstring("no JSON"));
}

TEST_CASE(
    "a history that cannot be read leaves its timeline without ancestors", "[component][jobs]") {
    const auto* const text = GENERATE("", "nonsense");
    looked_at of;
    if (std::string(text).empty()) {
        of.remove("history");
    } else {
        of.write("history", text);
    }
    const auto told = of.get();

    REQUIRE(told.has_value());
    const auto& timelines = (*told)->archives.at(0).window.timelines;
    REQUIRE(timelines.size() == 2);
    CHECK_FALSE(timelines[1].ancestry_known);
    CHECK(of.calls("repo-get") == 1);
}

TEST_CASE("without info there is no window", "[component][jobs]") {
    looked_at of;
    of.remove("info");
    const auto told = of.get();

    REQUIRE_FALSE(told.has_value());
    CHECK(told.error().code == errc::unavailable);
}

TEST_CASE("a stanza that info does not know has no archives", "[component][jobs]") {
    looked_at of;
    of.write("info", "[]");

    CHECK(of.get().value()->archives.empty());
    CHECK(of.calls("repo-ls") == 0);
}

TEST_CASE("an archive with a name of its own making reaches no command", "[component][jobs]") {
    looked_at of;
    of.write(
        "info", R"([{"name":"main","status":{"code":0,"message":"ok"},"db":[{"id":1,)"
                R"("repo-key":1,"system-id":7,"version":"../../x"}]}])");
    const auto told = of.get();

    REQUIRE(told.has_value());
    REQUIRE((*told)->archives.at(0).error.has_value());
    CHECK((*told)->archives[0].error->code == errc::invalid);
    CHECK(of.calls("repo-ls") == 0);
}
