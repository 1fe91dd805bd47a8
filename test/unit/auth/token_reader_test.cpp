#include "auth/token_reader.hpp"
#include "support/catch.hpp"

#include <deque>

namespace restpoint::auth {
namespace {

using namespace std::chrono_literals;

constexpr token_reader::clock::time_point noon{12h};

/// A file that does not change, and what the next readings of it give.
struct readings {
    std::deque<result<token_table>> next = {};
    int count = 0;
    token_reader reader{"/nonexistent/tokens", [this](const std::filesystem::path&) {
                            ++count;
                            auto given = next.front();
                            next.pop_front();
                            return given;
                        }};
};

const failure refused{errc::io, "cannot open 'tokens': Too many open files"};

} // namespace

TEST_CASE("a file that does not change is read once", "[unit][auth]") {
    for (const auto& first :
         {result<token_table>(token_table{}), result<token_table>(failure{errc::invalid, "line 1"}),
          result<token_table>(failure{errc::not_found, "gone"})}) {
        readings r{{first}};

        CHECK(r.reader.look(noon));
        CHECK_FALSE(r.reader.look(noon + 1h));
        CHECK(r.count == 1);
    }
}

TEST_CASE("a file that could not be read for once is read again", "[unit][auth]") {
    readings r{{refused, token_table{}}};

    const auto first = r.reader.look(noon);
    const auto second = r.reader.look(noon + 2s);

    REQUIRE(first);
    CHECK(first->error() == refused);
    REQUIRE(second);
    CHECK(second->has_value());
    CHECK_FALSE(r.reader.look(noon + 4s));
}

TEST_CASE("that a file cannot be read is told once a minute", "[unit][auth]") {
    readings r{{refused, refused, refused, token_table{}, refused}};

    CHECK(r.reader.look(noon));
    CHECK_FALSE(r.reader.look(noon + 59s));
    CHECK(r.reader.look(noon + 60s));
    CHECK(r.reader.look(noon + 61s)); // which is the table
    CHECK(r.count == 4);
}

} // namespace restpoint::auth
