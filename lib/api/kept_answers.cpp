#include "api/kept_answers.hpp"

#include "http/conditional.hpp"

#include <algorithm>
#include <utility>

namespace restpoint::api {

std::shared_ptr<const http::frozen> kept_answers::find(
    std::string_view name, const answer_basis& now, const http::request& asked) {
    const auto found = std::ranges::find(kept_, name, &answer::name);
    if (found == kept_.end() || found->of != now) {
        return nullptr;
    }
    kept_.splice(kept_.begin(), kept_, found);
    return for_whom(*found, asked);
}

std::shared_ptr<const http::frozen> kept_answers::keep(
    std::string name, answer_basis of, std::string json, const http::request& asked) {
    if (const auto before = std::ranges::find(kept_, name, &answer::name); before != kept_.end()) {
        drop(before);
    }
    auto said = http::conditional({200, "application/json", {}, std::move(json)}, {});
    answer fresh;
    fresh.name = std::move(name);
    fresh.of = std::move(of);
    fresh.tag = http::entity_tag(said.body);
    fresh.whole = http::freeze(said);
    said.status = 304;
    said.body.clear();
    fresh.unchanged = http::freeze(said);
    bytes_ += fresh.whole->body().size();
    kept_.push_front(std::move(fresh));
    auto told = for_whom(kept_.front(), asked);
    while (bytes_ > limits_.bytes || kept_.size() > limits_.answers) {
        drop(std::prev(kept_.end()));
    }
    return told;
}

std::shared_ptr<const http::frozen> kept_answers::for_whom(
    const answer& kept, const http::request& asked) {
    return http::has_already(asked, kept.tag) ? kept.unchanged : kept.whole;
}

void kept_answers::drop(std::list<answer>::iterator which) {
    bytes_ -= which->whole->body().size();
    kept_.erase(which);
}

} // namespace restpoint::api
