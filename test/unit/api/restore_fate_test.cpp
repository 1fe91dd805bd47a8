#include "api/restore_fate.hpp"
#include "restore/order.hpp"
#include "support/catch.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <string>
#include <vector>

using namespace restpoint;
using namespace restpoint::api;
namespace json = boost::json;

namespace {

jobs::job done(jobs::job_id id, jobs::job_kind kind, restore::order what) {
    jobs::job made;
    made.id = id;
    made.spec.kind = kind;
    made.spec.order = restore::to_json(what);
    made.state = jobs::job_state::succeeded;
    made.report = R"({"can_be_undone": true, "previous": "/pg/data.restpoint/a/previous",
        "reversible_until": "2026-11-24T16:30:00.000Z"})";
    return made;
}

restore::order about(restore::errand what, const std::string& folder, const std::string& of = "") {
    restore::order made;
    made.what = what;
    made.folder = folder;
    made.of = of;
    return made;
}

json::object fate(const jobs::job& of, const std::vector<jobs::job>& others) {
    return json::parse(report_with_fate(of, others)).as_object();
}

const auto restored = done(3, jobs::job_kind::restore, about(restore::errand::restore, "a"));

} // namespace

TEST_CASE("a restore whose undo is kept says so", "[api]") {
    const auto other = done(5, jobs::job_kind::undo, about(restore::errand::undo, "c", "b"));

    const auto told = fate(restored, {other});

    CHECK(told.at("undone_by").is_null());
    CHECK(told.at("forgotten") == false);
    CHECK(told.at("can_be_undone") == true);
    CHECK(told.at("previous") == "/pg/data.restpoint/a/previous");
}

TEST_CASE("a restore that was undone names the job", "[api]") {
    const auto undo = done(7, jobs::job_kind::undo, about(restore::errand::undo, "u", "a"));

    const auto told = fate(restored, {undo});

    CHECK(told.at("undone_by") == "7");
    CHECK(told.at("forgotten") == false);
    CHECK(told.at("can_be_undone") == false);
    CHECK(told.at("previous").is_null());
    CHECK(told.at("reversible_until").is_null());
}

TEST_CASE("a restore whose undo was given up says so", "[api]") {
    const auto forget = done(8, jobs::job_kind::forget, about(restore::errand::forget, "f", "a"));

    const auto told = fate(restored, {forget});

    CHECK(told.at("forgotten") == true);
    CHECK(told.at("undone_by").is_null());
    CHECK(told.at("reversible_until").is_null());
}

TEST_CASE("of other jobs the report is what it was", "[api]") {
    const auto undo = done(7, jobs::job_kind::undo, about(restore::errand::undo, "u", "a"));
    CHECK(report_with_fate(undo, {}) == undo.report);

    auto failed = restored;
    failed.state = jobs::job_state::failed;
    CHECK(report_with_fate(failed, {}) == failed.report);
    auto without = restored;
    without.report.clear();
    CHECK(report_with_fate(without, {}).empty());
}
