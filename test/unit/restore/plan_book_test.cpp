#include "restore/plan_book.hpp"
#include "support/catch.hpp"

using namespace restpoint::restore;
using namespace std::chrono_literals;

namespace {

const plan_book::clock::time_point start{};

kept_plan plan_of(const std::string& id) {
    return {id, "digest of " + id, {}};
}

} // namespace

TEST_CASE("a plan is kept for its hour", "[restore]") {
    plan_book book;
    book.keep(plan_of("a"), start);

    CHECK(book.find("a", start + 59min).value().digest == "digest of a");
    CHECK_FALSE(book.find("a", start + 60min).has_value());
    CHECK_FALSE(book.find("b", start).has_value());
}

TEST_CASE("a full book of plans forgets the oldest", "[restore]") {
    plan_book book(2);
    book.keep(plan_of("a"), start);
    book.keep(plan_of("b"), start);
    book.keep(plan_of("c"), start);

    CHECK_FALSE(book.find("a", start).has_value());
    CHECK(book.find("b", start).has_value());
    CHECK(book.find("c", start).has_value());
    CHECK(book.size() == 2);
}

TEST_CASE("plans that are too old make room", "[restore]") {
    plan_book book;
    book.keep(plan_of("a"), start);
    book.keep(plan_of("b"), start + 1h);
    CHECK(book.size() == 1);
}
