#include "postgres/control_data.hpp"
#include "support/catch.hpp"

#include <cstring>
#include <string>

using namespace restpoint::postgres;

namespace {

template <class Number>
void put(std::string& file, std::size_t at, Number value) {
    std::memcpy(file.data() + at, &value, sizeof value);
}

/// As PostgreSQL 15 writes it (pg_control.h).
std::string control_file(std::uint32_t state) {
    std::string file(8192, '\0');
    put<std::uint64_t>(file, 0, 7'577'108'821'286'580'083ULL);
    put<std::uint32_t>(file, 8, 1300);
    put<std::uint32_t>(file, 16, state);
    put<std::uint64_t>(file, 32, 0x5000110);
    put<std::uint32_t>(file, 48, 4);
    return file;
}

} // namespace

TEST_CASE("the control file says whose a data directory is", "[postgres]") {
    const auto stopped = parse_control_data(control_file(1));
    REQUIRE(stopped.has_value());
    CHECK(stopped->system_id == 7'577'108'821'286'580'083ULL);
    CHECK(stopped->timeline == 4);
    CHECK(stopped->checkpoint == 0x5000110);
    CHECK(stopped->shut_down);
    CHECK(parse_control_data(control_file(2))->shut_down);
    CHECK_FALSE(parse_control_data(control_file(6))->shut_down);
}

TEST_CASE("what is no control file says nothing", "[postgres]") {
    CHECK_FALSE(parse_control_data("").has_value());
    CHECK_FALSE(parse_control_data(std::string(8192, '\0')).has_value());
    auto file = control_file(1);
    put<std::uint32_t>(file, 8, 1002); // PostgreSQL 10
    CHECK_FALSE(parse_control_data(file).has_value());
    file = control_file(1);
    put<std::uint32_t>(file, 8, 0x14050000); // of another byte order
    CHECK_FALSE(parse_control_data(file).has_value());
    file = control_file(1);
    put<std::uint32_t>(file, 48, 0);
    CHECK_FALSE(parse_control_data(file).has_value());
}
