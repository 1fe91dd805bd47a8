#include "backrest/progress_estimate.hpp"
#include "support/catch.hpp"

#include <cmath>
#include <random>

using namespace restpoint::backrest;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t megabyte = 1 << 20;

std::chrono::steady_clock::time_point at(double seconds) {
    return std::chrono::steady_clock::time_point(
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(
            std::chrono::duration<double>(seconds)));
}

void log(progress& now, const std::string& text, const char* process = "P00") {
    const auto level = std::string(process) == "P00" ? "   INFO: " : " DETAIL: ";
    advance(now, parse_log_line("2026-11-22 06:42:35.140 " + std::string(process) + level + text));
}

void begin(progress& now) {
    log(now, "backup command begin 2.45: --stanza=main");
}

void file_done(progress& now, std::uint64_t megabytes, double percent) {
    char text[100];
    std::snprintf(
        text, sizeof text, "backup file /x (%lluMB, %.2f%%) checksum 00",
        static_cast<unsigned long long>(megabytes), percent);
    log(now, text, "P01");
}

void end(progress& now) {
    log(now, "execute non-exclusive backup stop and wait for all WAL segments to archive");
    log(now, "full backup size = 1GB, file total = 2");
    log(now, "backup command end: completed successfully (1ms)");
}

/// One file of 900 MB and one of 100 MB, read at 50 MB a second: the log speaks twice.
struct one_large_file {
    progress now = {};
    progress_estimate estimate = {};
    std::vector<std::pair<double, progress>> curve = {};

    explicit one_large_file(std::optional<std::uint64_t> assumed) {
        begin(now);
        for (double t = 0; t <= 20; t += 1) {
            if (t == 18) {
                file_done(now, 900, 90);
            }
            if (t == 20) {
                file_done(now, 100, 100);
            }
            const auto read = static_cast<std::uint64_t>(50 * t) * megabyte;
            estimate.take(now, {at(100 + t), read, assumed});
            curve.emplace_back(t, now);
        }
    }
};

} // namespace

TEST_CASE("one large file moves from the first second on, and never back", "[backrest]") {
    const one_large_file backup(1000 * megabyte);

    double before = -1;
    for (const auto& [t, seen] : backup.curve) {
        CAPTURE(t);
        if (t == 0) {
            CHECK_FALSE(seen.percent);
            continue;
        }
        REQUIRE(seen.percent);
        CHECK(*seen.percent > before);
        CHECK(*seen.percent == Approx(std::min(5 * t, 99.9)));
        CHECK(*seen.percent < 100);
        CHECK(seen.phase == "copy");
        CHECK(seen.estimated);
        before = *seen.percent;
    }
}

TEST_CASE("the time left is right from the second measure on", "[backrest]") {
    const one_large_file backup(1000 * megabyte);

    for (const auto& [t, seen] : backup.curve) {
        CAPTURE(t);
        if (t < 2) {
            CHECK_FALSE(seen.seconds_left);
            continue;
        }
        REQUIRE(seen.rate);
        CHECK(*seen.rate == Approx(50.0 * megabyte).epsilon(0.1));
        REQUIRE(seen.seconds_left);
        CHECK(*seen.seconds_left == Approx(20 - t).margin(0.1));
    }
}

TEST_CASE("a wrong guess of the total is put right by the log", "[backrest]") {
    for (const std::uint64_t guess : {400U, 700U, 1500U, 3000U}) {
        CAPTURE(guess);
        const one_large_file backup(guess * megabyte);

        double before = 0;
        for (const auto& [t, seen] : backup.curve) {
            CAPTURE(t);
            CHECK(seen.percent.value_or(0) >= before);
            CHECK(seen.percent.value_or(0) < 100);
            before = seen.percent.value_or(0);
        }
        const auto& after_the_file = backup.curve[19].second;
        CHECK(*after_the_file.bytes_total == Approx(1000.0 * megabyte).epsilon(0.001));
        CHECK(*after_the_file.seconds_left == Approx(1).epsilon(0.3));
    }
}

TEST_CASE(
    "without any guess the rate is known and the percentage waits for the log", "[backrest]") {
    const one_large_file backup(std::nullopt);

    CHECK_FALSE(backup.curve[10].second.percent);
    CHECK(backup.curve[10].second.bytes_done == 500 * megabyte);
    CHECK(*backup.curve[10].second.rate == Approx(50.0 * megabyte));
    CHECK_FALSE(backup.curve[10].second.seconds_left);
    CHECK(*backup.curve[18].second.percent == Approx(90));
}

TEST_CASE("only the end is a hundred percent", "[backrest]") {
    one_large_file backup(1000 * megabyte);
    CHECK(backup.now.percent < 100);

    end(backup.now);
    CHECK(backup.now.percent == 100);

    backup.estimate.take(backup.now, {at(121), 1000 * megabyte, {}});
    CHECK(backup.now.percent == 100);
    CHECK_FALSE(backup.now.rate);
    CHECK_FALSE(backup.now.seconds_left);
    CHECK_FALSE(backup.now.estimated);
}

TEST_CASE("the estimate follows a rate that changes", "[backrest]") {
    progress now;
    progress_estimate estimate;
    begin(now);
    double read = 0;
    for (int t = 0; t < 120; ++t) {
        read += t < 60 ? 100 : 10;
        estimate.take(now, {at(t), static_cast<std::uint64_t>(read) * megabyte, 10000 * megabyte});
        if (t == 59 || t == 119) {
            const double rate = t == 59 ? 100 : 10;
            CHECK(*now.seconds_left == Approx((10000 - read) / rate).epsilon(0.1));
        }
    }
}

TEST_CASE("when all seems to be read and is not, nobody knows how long it takes", "[backrest]") {
    progress now;
    progress_estimate estimate;
    begin(now);
    for (int t = 0; t <= 10; ++t) {
        estimate.take(now, {at(t), static_cast<std::uint64_t>(10 * t) * megabyte, {}});
    }
    file_done(now, 80, 85);
    // Of 94 MB that the log makes of it, 100 were read; and the last file takes its time.
    for (int t = 11; t <= 60; ++t) {
        estimate.take(now, {at(t), 100 * megabyte, {}});
        CAPTURE(t);
        CHECK(now.percent == Approx(99.9));
        CHECK_FALSE(now.seconds_left);
    }
    file_done(now, 14, 100);
    estimate.take(now, {at(61), 100 * megabyte, {}});
    REQUIRE(now.seconds_left);
    CHECK(*now.seconds_left < 1);
}

TEST_CASE("workers that read no files yet copy nothing", "[backrest]") {
    progress now;
    progress_estimate estimate;
    begin(now);
    estimate.take(now, {at(1), 200'000, 1000 * megabyte});

    CHECK(now.phase == "start");
    CHECK_FALSE(now.percent);
}

TEST_CASE("what info says exactly is not replaced by a guess", "[backrest]") {
    progress now;
    progress_estimate estimate;
    begin(now);
    merge_sizes(now, 0, 1000 * megabyte);
    estimate.take(now, {at(1), 500 * megabyte, 7000 * megabyte});

    CHECK(now.bytes_total == 1000 * megabyte);
    CHECK(*now.percent == Approx(50));
    // More was read than there is: some of it twice.
    estimate.take(now, {at(2), 5000 * megabyte, 7000 * megabyte});
    CHECK(now.bytes_total == 1000 * megabyte);
    CHECK(*now.percent == Approx(99.9));
}

TEST_CASE("samples that come too soon or stand still do no harm", "[backrest]") {
    progress now;
    progress_estimate estimate;
    begin(now);
    estimate.take(now, {at(1), 100 * megabyte, 1000 * megabyte});
    estimate.take(now, {at(1), 200 * megabyte, 1000 * megabyte});
    estimate.take(now, {at(0), 200 * megabyte, 1000 * megabyte});
    CHECK_FALSE(now.rate);

    progress_estimate idle;
    progress still;
    begin(still);
    for (int t = 0; t < 5; ++t) {
        idle.take(still, {at(t), 100 * megabyte, 1000 * megabyte});
    }
    CHECK(still.rate == 0);
    CHECK_FALSE(still.seconds_left);
}

TEST_CASE("figures stay figures and never go back, whatever is fed", "[backrest]") {
    std::mt19937_64 random(11);
    const auto below = [&](std::uint64_t limit) {
        return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(random);
    };
    for (int round = 0; round < 300; ++round) {
        progress now;
        progress_estimate estimate;
        double t = 0;
        for (int step = 0; step < 60; ++step) {
            const auto before = now;
            switch (below(8)) {
            case 0:
                begin(now);
                break;
            case 1:
                file_done(now, below(100'000), static_cast<double>(below(10'001)) / 100);
                break;
            case 2:
                merge_sizes(now, below(1ULL << below(64)), below(1ULL << below(64)));
                break;
            case 3:
                if (below(10) == 0) {
                    end(now);
                }
                break;
            default:
                t += static_cast<double>(below(3000)) / 1000 - 0.2;
                progress_sample sample{at(t), below(1 + (~0ULL >> below(63))), {}};
                if (below(2) == 0) {
                    sample.assumed_total = below(1 + (~0ULL >> below(63)));
                }
                estimate.take(now, sample);
            }
            REQUIRE(now.percent.value_or(0) >= before.percent.value_or(0));
            REQUIRE(now.bytes_done.value_or(0) >= before.bytes_done.value_or(0));
            REQUIRE(now.percent.value_or(0) <= 100);
            REQUIRE((now.percent.value_or(0) < 100 || now.completed));
            REQUIRE(std::isfinite(now.percent.value_or(0)));
            REQUIRE(std::isfinite(now.rate.value_or(0)));
            REQUIRE(now.rate.value_or(0) >= 0);
            REQUIRE(std::isfinite(now.seconds_left.value_or(0)));
            REQUIRE(now.seconds_left.value_or(0) >= 0);
            if (now.bytes_total && now.bytes_done) {
                REQUIRE(*now.bytes_total >= *now.bytes_done);
            }
        }
    }
}

TEST_CASE("a verification is what it reads of what there is, and ends with its log", "[backrest]") {
    progress now;
    progress_estimate estimate("verify");
    log(now, "verify command begin 2.45: --output=text --stanza=main");
    double before = 0;
    for (int t = 1; t <= 12; ++t) {
        CAPTURE(t);
        estimate.take(now, {at(t), static_cast<std::uint64_t>(10 * t) * megabyte, 100 * megabyte});
        CHECK(now.phase == "verify");
        CHECK(*now.percent >= before);
        CHECK(*now.percent <= 99.9);
        before = *now.percent;
    }
    CHECK(before > 90); // more was read than there is: manifests, and the workers themselves
    log(now, "verify command end: completed successfully (12000ms)");
    CHECK(now.percent == 100);
    CHECK(now.phase == "end");
    estimate.take(now, {at(13), 120 * megabyte, 100 * megabyte});
    CHECK(now.phase == "end");
    CHECK_FALSE(now.rate);
}
