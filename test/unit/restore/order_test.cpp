#include "restorable.hpp"
#include "restore/order.hpp"
#include "support/catch.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <limits>
#include <string>

namespace json = boost::json;
using namespace restpoint;
using namespace restpoint::restore;

namespace {

order full_order() {
    order made;
    made.what = errand::undo;
    made.stanza = "main";
    made.data = "/pg/data with \"quotes\"\nand a line break";
    made.how = way::in_place;
    made.to = make_target(target_kind::time, "2026-11-22T08:29:36.120001Z").value();
    made.repo = 2;
    made.archive = "15-1";
    made.timeline = 4'000'000'000;
    made.set = "20261122-064250F";
    made.wal_to = "000000010000000000000009";
    made.system_id = std::numeric_limits<std::uint64_t>::max();
    made.bytes = 1ULL << 60U;
    made.version = "15";
    made.back_set = "20261121-064250F";
    made.back_timeline = 3;
    made.databases = {"shop", "my 'shop'"};
    made.start = false;
    made.whole = false;
    made.folder = "20261122-225501-3f9a0c12";
    made.of = "20261121-225501-aaaaaaaa";
    made.digest = "3f9a0c12";
    return made;
}

/// The order with one member changed; a null takes it away.
std::string changed(std::string_view name, json::value to) {
    auto all = json::parse(to_json(full_order())).get_object();
    if (to.is_null()) {
        all.erase(name);
    } else {
        all[name] = std::move(to);
    }
    return json::serialize(all);
}

std::string complaint_about(const std::string& text) {
    const auto read = parse_order(text);
    if (read) {
        return "";
    }
    CHECK(read.error().code == errc::invalid);
    return read.error().detail;
}

} // namespace

TEST_CASE("an order is read as it was written", "[restore]") {
    CHECK(parse_order(to_json(full_order())).value() == full_order());
    CHECK(parse_order(to_json(order{})).value() == order{});
}

TEST_CASE("an order stands on one line", "[restore]") {
    CHECK(to_json(full_order()).find('\n') == std::string::npos);
}

TEST_CASE("every target is in an order as it was asked for", "[restore]") {
    for (const auto& [kind, value] : std::vector<std::pair<target_kind, std::string>>{
             {target_kind::latest, ""},
             {target_kind::time, "2026-11-22T08:29:36.120001Z"},
             {target_kind::lsn, "2/16B3748"},
             {target_kind::xid, "4294967295"},
             {target_kind::name, "before it's \"done\""},
             {target_kind::immediate, ""}}) {
        auto made = full_order();
        made.to = make_target(kind, value).value();
        CHECK(parse_order(to_json(made)).value().to == made.to);
    }
}

TEST_CASE("an order that lacks a member is refused by its name", "[restore]") {
    const auto all = json::parse(to_json(full_order())).get_object();
    REQUIRE(all.size() == 22);

    for (const auto& member : all) {
        const std::string name(std::string_view(member.key()));
        INFO(name);
        // Without its value a target is refused for what it then is.
        const auto wanted = name == "target_value" ? std::string("time") : "'" + name + "'";
        CHECK_THAT(complaint_about(changed(name, nullptr)), ContainsSubstring(wanted));
        CHECK_THAT(complaint_about(changed(name, 1)), ContainsSubstring(wanted));
    }
}

TEST_CASE("an order with a value that nobody wrote is refused", "[restore]") {
    for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
             {"errand", "drop"},
             {"way", "above"},
             {"start", "maybe"},
             {"target_type", "yesterday"},
             {"repo", "one"},
             {"repo", "1 "},
             {"repo", ""},
             {"timeline", "4294967296"},
             {"timeline", "-1"},
             {"system_id", "18446744073709551616"},
             {"bytes", "1.5"}}) {
        INFO(name << " = " << value);
        CHECK_THAT(
            complaint_about(changed(name, json::string(value))),
            ContainsSubstring("'" + name + "'"));
    }
}

TEST_CASE("what is no object is no order", "[restore]") {
    for (const auto* text : {"", "[]", "{", "null", "\"restore\""}) {
        CHECK_THAT(complaint_about(text), ContainsSubstring("no JSON object"));
    }
}

TEST_CASE("the folder of a job is named by its time and its plan", "[restore]") {
    const auto when = parse_rfc3339("2026-11-22T22:55:01.999Z").value();

    CHECK(folder_name(when, "3f9a0c12deadbeef") == "20261122-225501-3f9a0c12");
    CHECK(folder_name(when, "undo") == "20261122-225501-undo");
}

TEST_CASE("an order says what its plan says, and how to come back", "[restore]") {
    test::restorable from;
    from.segments(1, 1, 9).backup("20261122-064250F", 1, 2, 3).live(1, 9);
    from.room() = disk_room{.free_bytes = 1ULL << 50U, .data_bytes = 1ULL << 30U};
    backrest::archive_info archive;
    archive.id = "15-1";
    archive.repo = 1;
    archive.database_id = 1;
    from.stanza().archives.push_back(archive);
    const auto made = from.make(test::latest);
    REQUIRE(test::outcome(made) == "20261122-064250F");

    const auto told = order_of(made, made, from.stanza(), "/pg/data");

    CHECK(told.what == errand::restore);
    CHECK(told.stanza == "main");
    CHECK(told.data == "/pg/data");
    CHECK(told.how == way::beside);
    CHECK(told.to == test::latest);
    CHECK(told.repo == 1);
    CHECK(told.archive == "15-1");
    CHECK(told.timeline == 1);
    CHECK(told.set == "20261122-064250F");
    CHECK(told.wal_to == backrest::to_string(made.wal_to.value()));
    CHECK(told.system_id == test::our_system);
    CHECK(told.bytes == made.bytes.value());
    CHECK(told.version == "15");
    CHECK(told.back_set == "20261122-064250F");
    CHECK(told.back_timeline == 1);
    CHECK(told.start);
}

TEST_CASE("an order of a plan that leads nowhere names no set to come back to", "[restore]") {
    test::restorable from;
    from.segments(1, 1, 9).backup("20261122-064250F", 1, 2, 3);
    const auto made = from.make(test::latest);

    const auto told = order_of(made, plan{}, from.stanza(), "/pg/data");

    CHECK(told.back_set.empty());
    CHECK(told.archive.empty());
    CHECK(order_of(plan{}, plan{}, from.stanza(), "/pg/data").wal_to.empty());
}

TEST_CASE("errands have their names", "[restore]") {
    CHECK(to_string(errand::restore) == "restore");
    CHECK(to_string(errand::undo) == "undo");
    CHECK(to_string(errand::forget) == "forget");
}
