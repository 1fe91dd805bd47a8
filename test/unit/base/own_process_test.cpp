#include "base/own_process.hpp"
#include "support/catch.hpp"

#include <unistd.h>

#include <chrono>

using namespace restpoint;

TEST_CASE("a process knows what it uses", "[base]") {
    const auto used = measure_own_process();

    CHECK(used.cpu_seconds > 0);
    CHECK(used.resident_bytes > 1U << 20U);
    CHECK(used.virtual_bytes >= used.resident_bytes);
    CHECK(used.open_descriptors >= 3);
    CHECK(used.most_descriptors >= used.open_descriptors);
    const auto age = std::chrono::system_clock::now() - used.started;
    CHECK(age > -std::chrono::seconds{5});
    CHECK(age < std::chrono::hours{1});
}

TEST_CASE("a descriptor that is opened is counted", "[base]") {
    const auto before = measure_own_process().open_descriptors;
    const int more = ::dup(0);
    REQUIRE(more >= 0);

    CHECK(measure_own_process().open_descriptors == before + 1);

    ::close(more);
    CHECK(measure_own_process().open_descriptors == before);
}
