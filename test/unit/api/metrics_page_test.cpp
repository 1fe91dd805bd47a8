#include "api/metrics_page.hpp"
#include "support/catch.hpp"

#include <limits>

namespace restpoint::api {

TEST_CASE("a family has its help and type once, before its series", "[unit][api]") {
    metrics_page page;
    page.gauge("b_bytes", "Bytes of b.", 1, {{"kind", "x"}});
    page.counter("a_total", "Things.", 2);
    page.gauge("b_bytes", "Another help.", 3, {{"kind", "a"}});

    CHECK(
        page.text() == "# HELP a_total Things.\n# TYPE a_total counter\na_total 2\n"
                       "# HELP b_bytes Bytes of b.\n# TYPE b_bytes gauge\n"
                       "b_bytes{kind=\"a\"} 3\nb_bytes{kind=\"x\"} 1\n");
}

TEST_CASE("a summary is a count and a sum", "[unit][api]") {
    metrics_page page;
    page.summary("took_seconds", "How long.", 3, 1.5, {{"kind", "x"}});

    CHECK(
        page.text() == "# HELP took_seconds How long.\n# TYPE took_seconds summary\n"
                       "took_seconds_count{kind=\"x\"} 3\ntook_seconds_sum{kind=\"x\"} 1.5\n");
}

TEST_CASE("of two series with the same labels the later counts", "[unit][api]") {
    metrics_page page;
    page.gauge("a", "A.", 1, {{"b", "c"}});
    page.gauge("a", "A.", 2, {{"b", "c"}});

    CHECK(page.text() == "# HELP a A.\n# TYPE a gauge\na{b=\"c\"} 2\n");
}

TEST_CASE("labels and helps keep their lines and quotes", "[unit][api]") {
    metrics_page page;
    page.gauge("a", "A \"b\" \\ c\nd", 1, {{"x", "q\"\\\n\xFF"}, {"y", ""}});

    CHECK(
        page.text() == "# HELP a A \"b\" \\\\ c\\nd\n# TYPE a gauge\n"
                       "a{x=\"q\\\"\\\\\\n\uFFFD\",y=\"\"} 1\n");
}

TEST_CASE("numbers are whole where they are, and as exact as can be", "[unit][api]") {
    const auto shown = [](double value) {
        metrics_page page;
        page.gauge("a", "A.", value);
        const auto text = page.text();
        return text.substr(text.rfind(' ') + 1);
    };

    CHECK(shown(0) == "0\n");
    CHECK(shown(-5) == "-5\n");
    CHECK(shown(1795320000) == "1795320000\n");
    CHECK(shown(9007199254740992) == "9007199254740992\n");
    CHECK(shown(0.1) == "0.1\n");
    CHECK(std::stod(shown(1e300)) == 1e300);
    CHECK(shown(std::numeric_limits<double>::quiet_NaN()) == "NaN\n");
    CHECK(shown(std::numeric_limits<double>::infinity()) == "+Inf\n");
    CHECK(shown(-std::numeric_limits<double>::infinity()) == "-Inf\n");
}

TEST_CASE("an empty page is empty", "[unit][api]") {
    CHECK(metrics_page{}.text().empty());
}

} // namespace restpoint::api
