#include "restorable.hpp"
#include "restore/runbook.hpp"
#include "support/catch.hpp"

using namespace restpoint;
using namespace restpoint::restore;
using namespace restpoint::restore::test;

namespace {

restorable world() {
    restorable made;
    made.segments(1, 1, 40).backup("20261122-064235F", 1, 5, 6);
    return made;
}

const backrest::invocation how{"pgbackrest", "/etc/pgbackrest/pgbackrest.conf", "main"};

std::string joined(const std::vector<std::string>& lines) {
    std::string all;
    for (const auto& one : lines) {
        all += one + '\n';
    }
    return all;
}

} // namespace

TEST_CASE("the runbook keeps the present data and names what pgbackrest would guess", "[restore]") {
    const auto lines = joined(runbook(world().make(to_time(when(25))), how, "/pg/my data"));

    CHECK_THAT(lines, ContainsSubstring("mv '/pg/my data' '/pg/my data.before-restore'\n"));
    CHECK_THAT(lines, ContainsSubstring("mkdir -m 700 '/pg/my data'\n"));
    CHECK_THAT(
        lines,
        ContainsSubstring("--repo=1 --set=20261122-064235F --type=time '--target=2026-11-18 ") &&
            ContainsSubstring("--target-timeline=1 --target-action=promote restore\n"));
    CHECK(lines.find("mv") < lines.find("pgbackrest"));
}

TEST_CASE("without a known data directory the runbook says what to do with it", "[restore]") {
    const auto lines = joined(runbook(world().make(latest), how, {}));
    CHECK_THAT(lines, ContainsSubstring("# 3. move the data directory (pg1-path) aside"));
    CHECK_THAT(
        lines,
        ContainsSubstring("--set=20261122-064235F --type=default --target-timeline=1 restore\n"));
}

TEST_CASE("a refused plan has no runbook", "[restore]") {
    CHECK(runbook(world().make(to_time(when(1))), how, {}).empty());
}

TEST_CASE("each kind of target has its option", "[restore]") {
    using type = backrest::restore::type;
    const auto of = [](const target& to) { return command_of(world().make(to)); };
    CHECK(of(to_lsn(0x9000000)).to == type::lsn);
    CHECK(of(to_lsn(0x9000000)).target == "0/9000000");
    CHECK(of({.kind = target_kind::xid, .xid = 700}).to == type::xid);
    CHECK(of({.kind = target_kind::name, .name = "x"}).to == type::name);
    CHECK(of({.kind = target_kind::immediate}).to == type::immediate);
    CHECK(of(latest).to == type::latest);
}
