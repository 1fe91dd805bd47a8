#include "base/result.hpp"
#include "support/catch.hpp"

#include <cerrno>
#include <memory>

using namespace restpoint;

TEST_CASE("a result stands in an assertion, and tells why there is no value", "[base]") {
    const result<> done;
    const result<std::unique_ptr<int>> number{std::make_unique<int>(7)};
    const result<int> failed = failure{errc::gone, "the log '/x' is not there"};

    CHECK(done);
    CHECK(number);
    CHECK_FALSE(failed);
    CHECK(Catch::StringMaker<result<>>::convert(done) == "a value");
    CHECK(Catch::StringMaker<result<int>>::convert(failed) == "gone: the log '/x' is not there");
}

TEST_CASE("the value of a failure is a defect that says what failed", "[base]") {
    const result<int> failed = failure{errc::not_found, "there is no job 7"};

    std::string told;
    try {
        told = std::to_string(failed.value());
    } catch (const std::exception& e) {
        told = e.what();
    }

    CHECK_THAT(told, ContainsSubstring("there is no job 7"));
}

TEST_CASE("a failure of the system has its words", "[base]") {
    const auto why = system_failure("cannot open '/x'", EACCES, "look at its owner");

    CHECK(why.code == errc::io);
    CHECK(why.detail == "cannot open '/x': Permission denied");
    CHECK(why.hint == "look at its owner");
}
