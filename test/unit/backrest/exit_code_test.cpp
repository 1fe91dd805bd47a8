#include "backrest/exit_code.hpp"
#include "support/catch.hpp"

#include <map>
#include <set>
#include <string>

using namespace restpoint::backrest;

namespace {

/// build/error/error.yaml of pgBackRest; the same in 2.45 and 2.59.
const std::map<int, std::string> names{
    {25, "assert"},
    {26, "checksum"},
    {27, "config"},
    {28, "file-invalid"},
    {29, "format"},
    {30, "command-required"},
    {31, "option-invalid"},
    {32, "option-invalid-value"},
    {37, "option-required"},
    {38, "pg-running"},
    {39, "protocol"},
    {40, "path-not-empty"},
    {41, "file-open"},
    {42, "file-read"},
    {43, "param-required"},
    {44, "archive-mismatch"},
    {45, "archive-duplicate"},
    {46, "version-not-supported"},
    {47, "path-create"},
    {48, "command-invalid"},
    {49, "host-connect"},
    {50, "lock-acquire"},
    {51, "backup-mismatch"},
    {52, "file-sync"},
    {53, "path-open"},
    {54, "path-sync"},
    {55, "file-missing"},
    {56, "db-connect"},
    {57, "db-query"},
    {58, "db-mismatch"},
    {60, "file-remove"},
    {61, "path-remove"},
    {62, "stop"},
    {63, "term"},
    {64, "file-write"},
    {67, "feature-not-supported"},
    {68, "archive-command-invalid"},
    {69, "link-expected"},
    {70, "link-destination"},
    {72, "host-invalid"},
    {73, "path-missing"},
    {74, "file-move"},
    {75, "backup-set-invalid"},
    {76, "tablespace-map"},
    {78, "link-map"},
    {79, "file-close"},
    {80, "db-missing"},
    {81, "db-invalid"},
    {82, "archive-timeout"},
    {83, "file-mode"},
    {87, "archive-disabled"},
    {88, "file-owner"},
    {89, "user-missing"},
    {93, "file-exists"},
    {94, "memory"},
    {95, "crypto"},
    {96, "param-invalid"},
    {97, "path-close"},
    {98, "file-info"},
    {99, "json-format"},
    {100, "kernel"},
    {101, "service"},
    {102, "execute"},
    {103, "repo-invalid"},
    {104, "command"},
    {105, "access"},
    {106, "clock"},
    {122, "runtime"},
    {124, "unhandled"},
    {125, "unknown"}};

} // namespace

TEST_CASE("every exit code of pgBackRest has its name, a meaning and a hint", "[backrest]") {
    for (const auto& [code, name] : names) {
        CAPTURE(code);
        const auto told = explain_exit(code);
        CHECK(told.code == code);
        CHECK(told.name == name);
        CHECK_FALSE(told.meaning.empty());
        CHECK_FALSE(told.hint.empty());
    }
}

TEST_CASE("each code means something of its own", "[backrest]") {
    std::set<std::string_view> meanings;
    for (const auto& [code, name] : names) {
        CAPTURE(code);
        CHECK(meanings.insert(explain_exit(code).meaning).second);
    }
}

TEST_CASE("meanings and hints are sentences in lower case without a full stop", "[backrest]") {
    for (const auto& [code, name] : names) {
        const auto told = explain_exit(code);
        CAPTURE(told.meaning, told.hint);
        CHECK(told.meaning.back() != '.');
        CHECK(told.hint.back() != '.');
        CHECK(told.meaning.find("  ") == std::string_view::npos);
        CHECK(told.hint.find("  ") == std::string_view::npos);
        CHECK(told.hint.front() >= 'a');
        CHECK(told.hint.front() <= 'z');
    }
}

TEST_CASE("success needs no hint", "[backrest]") {
    const auto told = explain_exit(0);

    CHECK(told.name == "success");
    CHECK(told.hint.empty());
}

TEST_CASE("a code that no version has is unknown and says where to look", "[backrest]") {
    for (int code = -300; code <= 300; ++code) {
        if (code == 0 || names.contains(code)) {
            continue;
        }
        CAPTURE(code);
        const auto told = explain_exit(code);
        CHECK(told.code == code);
        CHECK(told.name == "unknown");
        CHECK_FALSE(told.meaning.empty());
        CHECK_FALSE(told.hint.empty());
    }
}

TEST_CASE("the traps stand in the hints", "[backrest]") {
    const auto hint = [](int code) { return std::string(explain_exit(code).hint); };

    CHECK_THAT(hint(50), ContainsSubstring("lock-path") && ContainsSubstring("permission denied"));
    CHECK_THAT(hint(55), ContainsSubstring("stanza-create") && ContainsSubstring("mount"));
    CHECK_THAT(hint(82), ContainsSubstring("archive_command"));
    CHECK_THAT(hint(64), ContainsSubstring("free space"));
    CHECK_THAT(hint(62), ContainsSubstring("pgbackrest start"));
    CHECK_THAT(hint(87), ContainsSubstring("restart"));
    CHECK_THAT(hint(127), ContainsSubstring("install pgBackRest"));
}
