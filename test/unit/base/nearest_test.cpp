#include "base/nearest.hpp"
#include "support/catch.hpp"

using restpoint::nearest;

TEST_CASE("a slip of the finger is near to what was meant", "[unit][base]") {
    CHECK(nearest("bakcup", {"check", "backup"}) == "backup");
    CHECK(nearest("dif", {"full", "diff", "incr"}) == "diff");
    CHECK(nearest("--tpye", {"--type", "--token-file"}) == "--type");
}

TEST_CASE("another word is near to nothing", "[unit][base]") {
    CHECK(nearest("weekly", {"full", "diff", "incr"}).empty());
    CHECK(nearest("", {"full"}).empty());
    CHECK(nearest("full", {}).empty());
    CHECK(nearest(std::string(101, 'a'), {std::string(101, 'a')}).empty());
}
