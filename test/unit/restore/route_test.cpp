// The transition table of route.hpp, line by line, at every point of the journal.
#include "restore/route.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

using namespace restpoint;
using namespace restpoint::restore;

namespace {

struct journey {
    errand what = errand::restore;
    way how = way::beside;
    std::vector<step> forward = {};
};

const std::vector<step> by_delta{step::prepare, step::stop,      step::settle, step::keep,
                                 step::restore, step::configure, step::replay, step::prove,
                                 step::start,   step::release,   step::finish};

const std::vector<journey> journeys{
    {errand::restore,
     way::beside,
     {step::prepare, step::restore, step::configure, step::replay, step::prove, step::stop,
      step::settle, step::swap, step::start, step::release, step::finish}},
    {errand::restore, way::in_place, by_delta},
    {errand::undo,
     way::beside,
     {step::prepare, step::stop, step::settle, step::swap, step::start, step::release,
      step::finish}},
    {errand::undo, way::in_place, by_delta},
    {errand::forget, way::beside, {step::discard_kept}},
    {errand::forget, way::in_place, {step::discard_kept}}};

entry begin(step of) {
    return {entry_word::begin, std::string(to_string(of))};
}

entry end(step of) {
    return {entry_word::end, std::string(to_string(of))};
}

/// A journal in which the steps were taken, and the next one begun if asked.
history after(const std::vector<step>& taken, std::optional<step> begun = std::nullopt) {
    history made;
    for (const auto one : taken) {
        made.entries.push_back(begin(one));
        made.entries.push_back(end(one));
    }
    if (begun) {
        made.entries.push_back(begin(*begun));
    }
    return made;
}

/// Taken from here to the end of the way, each step begun and ended.
std::vector<step> rest_of(const journey& on, history so_far) {
    std::vector<step> taken;
    while (const auto next = next_step(on.what, on.how, so_far)) {
        taken.push_back(*next);
        so_far.entries.push_back(begin(*next));
        so_far.entries.push_back(end(*next));
        REQUIRE(taken.size() < 30);
    }
    return taken;
}

std::vector<step> steps_until(const journey& on, step last) {
    const auto at = std::find(on.forward.begin(), on.forward.end(), last);
    return {on.forward.begin(), at};
}

/// What is on the way back from where `begun` was begun.
std::vector<step> back_from(const journey& on, step begun) {
    auto so_far = after(steps_until(on, begun), begun);
    so_far.entries.push_back({entry_word::back, "why"});
    return rest_of(on, so_far);
}

std::string name_of(const journey& on) {
    return std::string(to_string(on.what)) + " " + std::string(to_string(on.how));
}

} // namespace

TEST_CASE("every step forward follows the one before it, on every way", "[restore]") {
    for (const auto& on : journeys) {
        INFO(name_of(on));
        CHECK(rest_of(on, {}) == on.forward);

        for (std::size_t i = 0; i < on.forward.size(); ++i) {
            const auto before = std::vector<step>(
                on.forward.begin(), on.forward.begin() + static_cast<std::ptrdiff_t>(i));
            CHECK(next_step(on.what, on.how, after(before)) == on.forward[i]);
        }
    }
}

TEST_CASE("a step that was begun and did not end is taken again", "[restore]") {
    for (const auto& on : journeys) {
        for (const auto begun : on.forward) {
            INFO(name_of(on) << " " << to_string(begun));
            const auto so_far = after(steps_until(on, begun), begun);
            CHECK(next_step(on.what, on.how, so_far) == begun);
        }
    }
}

TEST_CASE("the way back of a restore beside takes back what was begun", "[restore]") {
    const auto& on = journeys[0];
    using steps = std::vector<step>;
    const std::vector<std::tuple<step, steps>> table{
        {step::prepare, {step::discard}},
        {step::restore, {step::discard}},
        {step::configure, {step::discard}},
        {step::replay, {step::halt, step::discard}},
        {step::prove, {step::halt, step::discard}},
        {step::stop, {step::halt, step::start_old, step::discard}},
        {step::settle, {step::halt, step::start_old, step::discard}},
        {step::swap, {step::halt, step::swap_back, step::start_old, step::discard}},
        {step::start, {step::halt, step::swap_back, step::start_old, step::discard}}};

    for (const auto& [begun, back] : table) {
        INFO(to_string(begun));
        CHECK(back_from(on, begun) == back);
    }
}

TEST_CASE(
    "the way back in place restores the old timeline once files were overwritten", "[restore]") {
    using steps = std::vector<step>;
    const steps overwritten{step::put_back, step::start_old, step::release_old, step::discard};
    const steps ran{step::halt, step::put_back, step::start_old, step::release_old, step::discard};
    const std::vector<std::tuple<step, steps>> table{
        {step::prepare, {step::discard}},
        {step::stop, {step::start_old, step::discard}},
        {step::settle, {step::start_old, step::discard}},
        {step::keep, {step::start_old, step::discard}},
        {step::restore, overwritten},
        {step::configure, overwritten},
        {step::replay, ran},
        {step::prove, ran},
        {step::start, ran}};

    for (const auto what : {errand::restore, errand::undo}) {
        const journey on{what, way::in_place, by_delta};
        for (const auto& [begun, back] : table) {
            INFO(name_of(on) << " " << to_string(begun));
            CHECK(back_from(on, begun) == back);
        }
    }
}

TEST_CASE("the way back of an undo by swap never removes the cluster that it brings", "[restore]") {
    const auto& on = journeys[2];
    using steps = std::vector<step>;
    const std::vector<std::tuple<step, steps>> table{
        {step::prepare, {}},
        {step::stop, {step::start_old}},
        {step::settle, {step::start_old}},
        {step::swap, {step::swap_back, step::start_old}}};

    for (const auto& [begun, back] : table) {
        INFO(to_string(begun));
        CHECK(back_from(on, begun) == back);
    }
}

TEST_CASE("a step back that was begun and did not end is taken again", "[restore]") {
    for (const auto& on : journeys) {
        for (const auto begun : on.forward) {
            auto so_far = after(steps_until(on, begun), begun);
            so_far.entries.push_back({entry_word::back, "why"});
            for (const auto one : way_back(on.what, on.how, so_far)) {
                INFO(name_of(on) << " " << to_string(begun) << " " << to_string(one));
                so_far.entries.push_back(begin(one));
                CHECK(next_step(on.what, on.how, so_far) == one);
                so_far.entries.push_back(end(one));
            }
            CHECK_FALSE(next_step(on.what, on.how, so_far).has_value());
        }
    }
}

TEST_CASE("nothing follows once it is done", "[restore]") {
    for (const auto* how : {"committed", "rolled_back"}) {
        history so_far;
        so_far.entries.push_back({entry_word::done, how});

        CHECK(so_far.done() == how);
        CHECK_FALSE(next_step(errand::restore, way::beside, so_far).has_value());
    }
}

TEST_CASE("there is a way back until applications may have written", "[restore]") {
    for (const auto& on : journeys) {
        for (const auto begun : on.forward) {
            INFO(name_of(on) << " " << to_string(begun));
            const auto now = can_turn_back(on.what, after(steps_until(on, begun), begun));
            const bool is_late = begun == step::release || begun == step::finish;
            auto wanted = is_late ? retreat::impossible : retreat::possible;
            if (begun == step::start) {
                wanted = on.what == errand::undo ? retreat::impossible : retreat::unless_promoted;
            }
            if (on.what == errand::forget) {
                wanted = retreat::impossible;
            }
            CHECK(now == wanted);
        }
    }
}

TEST_CASE("who goes back does not turn back again", "[restore]") {
    auto so_far = after({step::prepare}, step::restore);
    CHECK_FALSE(so_far.turned_back().has_value());
    so_far.entries.push_back({entry_word::back, "the disk is full"});

    CHECK(so_far.turned_back() == "the disk is full");
    CHECK(can_turn_back(errand::restore, so_far) == retreat::impossible);
}

TEST_CASE("before its first step a restore may turn back, and only clears up", "[restore]") {
    CHECK(can_turn_back(errand::restore, {}) == retreat::possible);
    CHECK(can_turn_back(errand::forget, {}) == retreat::impossible);

    history so_far;
    so_far.entries.push_back({entry_word::back, "cancelled"});
    CHECK(rest_of(journeys[0], so_far) == std::vector<step>{step::discard});
}

TEST_CASE("the last note of a name counts, and no other name's", "[restore]") {
    history so_far;
    for (const auto* text : {"lsn 0/1", "lsn_of_old 0/7", "lsn 0/2 and more", "empty"}) {
        so_far.entries.push_back({entry_word::note, text});
    }
    so_far.entries.push_back({entry_word::back, "lsn 0/9"});

    CHECK(so_far.noted("lsn") == "0/2 and more");
    CHECK_FALSE(so_far.noted("empty").has_value());
    CHECK_FALSE(so_far.noted("timeline").has_value());
}

TEST_CASE("steps and words have names that lead back to them", "[restore]") {
    for (int i = 0; i <= static_cast<int>(step::discard_kept); ++i) {
        const auto one = static_cast<step>(i);
        CHECK(parse_step(to_string(one)) == one);
    }
    for (int i = 0; i <= static_cast<int>(entry_word::done); ++i) {
        const auto word = static_cast<entry_word>(i);
        CHECK(parse_entry_word(to_string(word)) == word);
    }
    CHECK(to_string(step::put_back) == "put_back");
    CHECK(to_string(entry_word::back) == "back");
    CHECK_FALSE(parse_step("promote").has_value());
    CHECK_FALSE(parse_entry_word("").has_value());
}
