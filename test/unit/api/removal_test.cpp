#include "api/removal.hpp"
#include "support/catch.hpp"

namespace restpoint::api {
namespace {

using labels = std::vector<std::string>;

backrest::backup_info a_set(
    std::string label, std::string type, std::string prior = {}, std::int64_t repo = 1) {
    backrest::backup_info one;
    one.label = std::move(label);
    one.type = std::move(type);
    one.repo = repo;
    if (!prior.empty()) {
        one.prior = std::move(prior);
    }
    return one;
}

/// F1 ← D1 ← I1, F1 ← I2, and F2; the order of info is turned round, which proves nothing else
/// depends on it.
backrest::stanza_info two_chains() {
    backrest::stanza_info stanza;
    stanza.backups = {
        a_set("F2", "full"), a_set("I2", "incr", "F1"), a_set("I1", "incr", "D1"),
        a_set("D1", "diff", "F1"), a_set("F1", "full")};
    return stanza;
}

} // namespace

TEST_CASE("what builds on a set goes with it, at any depth", "[unit][api]") {
    const auto stanza = two_chains();

    CHECK(labels_to_remove(stanza, "F1", {}).value() == labels{"F1", "D1", "I1", "I2"});
    CHECK(labels_to_remove(stanza, "D1", {}).value() == labels{"D1", "I1"});
    CHECK(labels_to_remove(stanza, "I2", 1).value() == labels{"I2"});
}

TEST_CASE("the only full backup of a repo stays", "[unit][api]") {
    auto stanza = two_chains();
    stanza.backups.erase(stanza.backups.begin());

    const auto kept = labels_to_remove(stanza, "F1", {});

    REQUIRE_FALSE(kept.has_value());
    CHECK(kept.error().code == errc::conflict);
    CHECK_THAT(kept.error().detail, ContainsSubstring("F1 is the only full backup in repo 1"));
    CHECK(labels_to_remove(stanza, "D1", {}).value() == labels{"D1", "I1"});
}

TEST_CASE("each repo keeps a full backup of its own", "[unit][api]") {
    auto stanza = two_chains();
    stanza.backups.push_back(a_set("F1", "full", {}, 2));
    stanza.backups.push_back(a_set("I9", "incr", "F1", 2));

    CHECK_FALSE(labels_to_remove(stanza, "F1", {}));
    CHECK_FALSE(labels_to_remove(stanza, "F1", 2));
    CHECK(labels_to_remove(stanza, "F1", 1).value() == labels{"F1", "D1", "I1", "I2"});
    stanza.backups.push_back(a_set("F3", "full", {}, 2));
    CHECK(labels_to_remove(stanza, "F1", {}).value() == labels{"F1", "D1", "I1", "I2", "I9"});
}

TEST_CASE("a set that is not there takes nothing along", "[unit][api]") {
    CHECK(labels_to_remove(two_chains(), "F9", {}).value().empty());
    CHECK(labels_to_remove(two_chains(), "F1", 2).value().empty());
}

TEST_CASE("sets that name each other as prior come to an end", "[unit][api]") {
    backrest::stanza_info stanza;
    stanza.backups = {a_set("A", "incr", "B"), a_set("B", "incr", "A")};

    CHECK(labels_to_remove(stanza, "A", {}).value() == labels{"A", "B"});
}

} // namespace restpoint::api
