#include "client/event_reader.hpp"
#include "support/catch.hpp"

using namespace restpoint::client;

TEST_CASE("events are the same however their bytes come", "[unit][client]") {
    const std::string text = "retry: 2000\n\nevent: log\ndata: {\"line\":\"a: b\"}\nid: 12\n\n:\n\n"
                             "event: state\ndata: {}\ndata:more\n\n";
    const auto size = GENERATE(as<std::size_t>(), 1, 2, 5, 1000);
    event_reader reader;
    std::vector<event> all;

    for (std::size_t at = 0; at < text.size(); at += size) {
        for (auto& one : reader.take(std::string_view(text).substr(at, size))) {
            all.push_back(std::move(one));
        }
    }

    CHECK(all == std::vector<event>{{"log", "{\"line\":\"a: b\"}"}, {"state", "{}\nmore"}});
    CHECK(reader.last_id() == "12");
}

TEST_CASE("an id without an event moves on where to resume", "[unit][client]") {
    event_reader reader;

    CHECK(reader.take("id: 40\n\n").empty());

    CHECK(reader.last_id() == "40");
}

TEST_CASE("an event that was cut off counts for nothing", "[unit][client]") {
    event_reader reader;
    CHECK(reader.take("event: log\ndata: 1\nid: 1\n\nevent: log\ndata: 2\nid: 2\nhal").size() == 1);

    reader.cut();

    CHECK(reader.last_id() == "1");
    CHECK(reader.take("event: log\ndata: 2\nid: 2\n\n") == std::vector<event>{{"log", "2"}});
    CHECK(reader.last_id() == "2");
}
