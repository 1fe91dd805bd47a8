#include "api/info_page.hpp"
#include "http/frozen.hpp"
#include "requests.hpp"
#include "support/catch.hpp"

namespace restpoint::api {
namespace {

using backrest::info_state;

bool holds(std::string_view text, std::string_view part) {
    return text.find(part) != text.npos;
}

backrest::stanza_info stanza(info_state state, std::vector<info_state> repos = {}) {
    backrest::stanza_info made;
    made.status.state = state;
    for (const auto one : repos) {
        backrest::repo_info repo;
        repo.status.state = one;
        made.repos.push_back(repo);
    }
    return made;
}

std::string page_of(std::vector<backrest::stanza_info> stanzas, bool stale = false) {
    jobs::info_answer known;
    known.text = "stanza: main\n";
    known.stanzas = std::move(stanzas);
    known.taken = morning();
    known.stale = stale;
    return info_html(known, morning() + std::chrono::minutes{2});
}

} // namespace

TEST_CASE("the page of the backups is green only when the stanza is in order", "[unit][api]") {
    const auto [state, css] = GENERATE(table<info_state, std::string>({
        {info_state::ok, "good"},
        {info_state::no_valid_backups, "warn"},
        {info_state::different_across_repos, "warn"},
        {info_state::missing_stanza_path, "bad"},
        {info_state::missing_stanza_data, "bad"},
        {info_state::database_mismatch, "bad"},
        {info_state::backup_not_found, "bad"},
        {info_state::other, "bad"},
        {info_state::unknown, "unknown"},
    }));

    const auto html = page_of({stanza(state)});

    INFO(to_string(state));
    CHECK(holds(html, "<section class=\"outcome " + css + "\">"));
    CHECK(holds(html, "<h1> Success </h1> <br/>"));
    CHECK(holds(html, "stanza: main<br/>"));
}

TEST_CASE("the worst stanza and the worst repo give the colour", "[unit][api]") {
    using enum info_state;

    CHECK(holds(page_of({stanza(ok), stanza(no_valid_backups), stanza(ok)}), "outcome warn"));
    CHECK(holds(page_of({stanza(other), stanza(no_valid_backups)}), "outcome bad"));
    CHECK(holds(page_of({stanza(ok), stanza(unknown)}), "outcome unknown"));
    CHECK(holds(page_of({stanza(unknown), stanza(no_valid_backups)}), "outcome warn"));
    CHECK(holds(page_of({stanza(different_across_repos, {ok, other})}), "outcome bad"));
    CHECK(holds(page_of({stanza(ok, {ok, ok})}), "outcome good"));
}

TEST_CASE("an answer that was not understood is not green", "[unit][api]") {
    const auto html = page_of({});

    CHECK(holds(html, "outcome unknown"));
    CHECK(holds(html, "not known"));
}

TEST_CASE("an old answer is marked, and not green", "[unit][api]") {
    const auto good = page_of({stanza(info_state::ok)}, true);
    const auto bad = page_of({stanza(info_state::other)}, true);

    CHECK(holds(good, "outcome stale"));
    CHECK(holds(good, "2 min 0 s old (as of 2026-11-22T08:00:00"));
    CHECK(holds(bad, "outcome bad"));
    CHECK(holds(bad, "does not answer right now"));
}

TEST_CASE("the page of the backups is made once for as long as it reads the same", "[unit][api]") {
    auto known = std::make_shared<jobs::info_answer>();
    known->text = "stanza: main\n";
    known->taken = morning();
    info_page page;

    const auto first = page.get(known, morning() + std::chrono::milliseconds{2100});
    const auto same_second = page.get(known, morning() + std::chrono::milliseconds{2900});
    const auto next_second = page.get(known, morning() + std::chrono::seconds{3});
    const auto next_answer = std::make_shared<jobs::info_answer>(*known);
    next_answer->text = "stanza: other\n";
    const auto other = page.get(next_answer, morning() + std::chrono::seconds{3});

    CHECK(same_second == first);
    CHECK(holds(first->body(), "(2 s ago)"));
    CHECK(holds(next_second->body(), "(3 s ago)"));
    CHECK(holds(other->body(), "stanza: other<br/>"));
}

} // namespace restpoint::api
