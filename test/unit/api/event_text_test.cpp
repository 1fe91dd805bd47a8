#include "api/event_text.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>

namespace restpoint::api {
namespace {

std::string events(std::string_view log, backrest::log_level level = backrest::log_level::trace) {
    jobs::render_state fresh;
    return jobs::render({level, jobs::markup::custom, &log_events()}, fresh, log);
}

} // namespace

TEST_CASE("a line of a log is an event with its end as the id", "[unit][api]") {
    CHECK(
        events("ab\ncd\n") == "event: log\ndata: {\"line\":\"ab\",\"offset\":3}\nid: 3\n\n"
                              "event: log\ndata: {\"line\":\"cd\",\"offset\":6}\nid: 6\n\n");
}

TEST_CASE("no byte of a line ends its event or its string", "[unit][api]") {
    const std::string line = "a\rb\"c\\d\te\x1B[1m \xFF \xE2\x82\xAC id: 9";
    const auto text = events(line + "\n");

    const std::string begin = "event: log\ndata: ";
    const std::string end = "\nid: " + std::to_string(line.size() + 1) + "\n\n";
    REQUIRE(text.starts_with(begin));
    REQUIRE(text.ends_with(end));
    const auto data = text.substr(begin.size(), text.size() - begin.size() - end.size());
    CHECK(data.find_first_of("\r\n") == data.npos);
    const auto json = boost::json::parse(data).as_object();
    CHECK(json.at("line") == "a\rb\"c\\d\te\x1B[1m \xEF\xBF\xBD \xE2\x82\xAC id: 9");
    CHECK(json.at("offset") == line.size() + 1);
}

TEST_CASE("over lines that are left out an id comes alone", "[unit][api]") {
    const std::string hidden =
        "2026-11-22 06:42:50.413 P01 DETAIL: " + std::string(20'000, 'x') + "\n";

    CHECK(events(hidden, backrest::log_level::info) == "id: 20037\n\n");
}

TEST_CASE("other events have a name and no id", "[unit][api]") {
    CHECK(event_text("state", R"({"a":1})") == "event: state\ndata: {\"a\":1}\n\n");
    CHECK(retry_text(std::chrono::seconds{2}) == "retry: 2000\n\n");
    CHECK(event_comment == ":\n\n");
}

} // namespace restpoint::api
