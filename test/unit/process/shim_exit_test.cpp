#include "process/shim.hpp"
#include "process/shim_log.hpp"
#include "process/shim_tree.hpp"
#include "support/catch.hpp"

#include <set>

using namespace restpoint;
using namespace restpoint::process;

TEST_CASE("every exit code of a shim has a sentence of its own", "[process][unit]") {
    const std::set<std::string_view> sentences{
        explain(shim_exit::reported),         explain(shim_exit::not_reported),
        explain(shim_exit::refused),          explain(shim_exit::no_room),
        explain(shim_exit::already_running),  explain(shim_exit::already_reported),
        explain(static_cast<shim_exit>(127)),
    };

    CHECK(sentences.size() == 7);
    CHECK(sentences.count("") == 0);
}

TEST_CASE("a shim says that nothing was started when that is so", "[process][unit]") {
    const auto code = GENERATE(
        shim_exit::refused, shim_exit::no_room, shim_exit::already_running,
        shim_exit::already_reported);

    CHECK_THAT(std::string(explain(code)), StartsWith("nothing was started: "));
}

TEST_CASE("the end of a leader that nobody saw is not reported as a success", "[process][unit]") {
    const shim_options options;
    shim_log log({}, 0, [](auto) { return line_fate::keep; }, [](auto) { return ""; });
    exit_report report;

    shim_tree(options, -1, log).describe(report);

    CHECK_FALSE(report.exit_code.has_value());
    CHECK_FALSE(report.signal.has_value());
}
