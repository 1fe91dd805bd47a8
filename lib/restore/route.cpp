#include "restore/route.hpp"

#include <algorithm>
#include <array>

namespace restpoint::restore {
namespace {

constexpr std::array<std::string_view, 19> step_names{
    "prepare",  "restore",   "configure",   "replay",  "prove",       "stop", "settle",
    "keep",     "swap",      "start",       "release", "finish",      "halt", "swap_back",
    "put_back", "start_old", "release_old", "discard", "discard_kept"};
constexpr std::array<std::string_view, 5> word_names{"begin", "end", "note", "back", "done"};

constexpr std::array restore_beside{step::prepare, step::restore, step::configure, step::replay,
                                    step::prove,   step::stop,    step::settle,    step::swap,
                                    step::start,   step::release, step::finish};
constexpr std::array restore_in_place{step::prepare, step::stop,      step::settle, step::keep,
                                      step::restore, step::configure, step::replay, step::prove,
                                      step::start,   step::release,   step::finish};
constexpr std::array undo_by_swap{step::prepare, step::stop,    step::settle, step::swap,
                                  step::start,   step::release, step::finish};
constexpr std::array forgetting{step::discard_kept};

template <class Value, std::size_t Size>
std::optional<Value> value_of(
    const std::array<std::string_view, Size>& names, std::string_view wanted) {
    const auto* const found = std::find(names.begin(), names.end(), wanted);
    if (found == names.end()) {
        return std::nullopt;
    }
    return static_cast<Value>(found - names.begin());
}

} // namespace

std::string_view to_string(step what) {
    return step_names.at(static_cast<std::size_t>(what));
}

std::optional<step> parse_step(std::string_view text) {
    return value_of<step>(step_names, text);
}

std::string_view to_string(entry_word word) {
    return word_names.at(static_cast<std::size_t>(word));
}

std::optional<entry_word> parse_entry_word(std::string_view text) {
    return value_of<entry_word>(word_names, text);
}

bool history::has(entry_word word, step of) const {
    const entry wanted{word, std::string(to_string(of))};
    return std::find(entries.begin(), entries.end(), wanted) != entries.end();
}

std::optional<std::string> history::turned_back() const {
    const auto found = std::find_if(
        entries.begin(), entries.end(), [](const entry& e) { return e.word == entry_word::back; });
    return found == entries.end() ? std::nullopt : std::optional(found->rest);
}

std::optional<std::string> history::done() const {
    const auto found = std::find_if(
        entries.begin(), entries.end(), [](const entry& e) { return e.word == entry_word::done; });
    return found == entries.end() ? std::nullopt : std::optional(found->rest);
}

std::optional<std::string> history::noted(std::string_view name) const {
    const auto is_it = [&](const entry& e) {
        return e.word == entry_word::note && e.rest.size() > name.size() &&
               e.rest.starts_with(name) && e.rest[name.size()] == ' ';
    };
    const auto found = std::find_if(entries.rbegin(), entries.rend(), is_it);
    return found == entries.rend() ? std::nullopt
                                   : std::optional(found->rest.substr(name.size() + 1));
}

std::vector<std::string> history::all_noted(std::string_view name) const {
    std::vector<std::string> found;
    for (const auto& one : entries) {
        if (one.word == entry_word::note && one.rest.size() > name.size() &&
            one.rest.starts_with(name) && one.rest[name.size()] == ' ') {
            found.push_back(one.rest.substr(name.size() + 1));
        }
    }
    return found;
}

std::span<const step> way_forward(errand what, way how) {
    if (what == errand::forget) {
        return forgetting;
    }
    if (how == way::in_place) {
        return restore_in_place;
    }
    return what == errand::undo ? std::span<const step>(undo_by_swap)
                                : std::span<const step>(restore_beside);
}

std::vector<step> way_back(errand what, way how, const history& so_far) {
    const bool in_place = how == way::in_place;
    const bool overwrote = in_place && so_far.began(step::restore);
    const bool ran = so_far.began(step::start) || so_far.began(step::replay);
    std::vector<step> back;
    const auto add = [&](bool needed, step one) {
        if (needed) {
            back.push_back(one);
        }
    };
    add(ran, step::halt);
    add(so_far.began(step::swap), step::swap_back);
    add(overwrote, step::put_back);
    add(so_far.began(step::stop), step::start_old);
    add(overwrote, step::release_old);
    // What an undo brings back is not its own to remove.
    add(what == errand::restore || in_place, step::discard);
    return back;
}

std::optional<step> next_step(errand what, way how, const history& so_far) {
    const auto first_open = [&](auto&& steps) -> std::optional<step> {
        const auto open = [&](step one) { return !so_far.ended(one); };
        const auto found = std::find_if(steps.begin(), steps.end(), open);
        return found == steps.end() ? std::nullopt : std::optional(*found);
    };
    if (so_far.done()) {
        return std::nullopt;
    }
    return so_far.turned_back() ? first_open(way_back(what, how, so_far))
                                : first_open(way_forward(what, how));
}

retreat can_turn_back(errand what, const history& so_far) {
    if (so_far.turned_back() || so_far.ended(step::start) || what == errand::forget) {
        return retreat::impossible;
    }
    if (!so_far.began(step::start)) {
        return retreat::possible;
    }
    // The cluster that an undo brings back takes writes as soon as it runs.
    return what == errand::undo ? retreat::impossible : retreat::unless_promoted;
}

} // namespace restpoint::restore
