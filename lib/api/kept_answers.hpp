// Answers to what is polled, as the bytes they are sent as, kept for as long as nothing that they
// were made of has changed: whoever changes something never meets the answer of before. Pure.
#pragma once

#include "http/frozen.hpp"
#include "http/reply.hpp"
#include "http/request.hpp"
#include "postgres/probe.hpp"
#include "schedule/keeper.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::api {

/// What an answer was made of. Equal ones make the same answer.
struct answer_basis {
    std::uint64_t jobs = 0;                      ///< jobs::service::revision()
    std::shared_ptr<const void> info = {};       ///< of the info cache
    std::shared_ptr<const void> window = {};     ///< of the window cache
    std::optional<postgres::wal_facts> wal = {}; ///< where PostgreSQL stands
    std::string silence = {};                    ///< or why that is not known
    std::vector<schedule::upcoming> next_runs = {};
    std::vector<std::string> strange_restores = {};

    friend bool operator==(const answer_basis&, const answer_basis&) = default;
};

struct kept_limits {
    std::size_t answers = 32;
    std::size_t bytes = 2U << 20U; ///< of their bodies
};

class kept_answers {
  public:
    explicit kept_answers(kept_limits limits = {}) : limits_(limits) {}

    /// What is kept under `name`, if it was made of `now`: the answer, or 304 for who has it
    /// already. Null where it has to be made.
    [[nodiscard]] std::shared_ptr<const http::frozen> find(
        std::string_view name, const answer_basis& now, const http::request& asked);

    /// Keeps JSON that was made of `of` in the place of what `name` stood for, and gives it as
    /// find() does. What was asked for longest ago goes where there is too much.
    std::shared_ptr<const http::frozen> keep(
        std::string name, answer_basis of, std::string json, const http::request& asked);

    [[nodiscard]] std::size_t size() const { return kept_.size(); }

  private:
    struct answer {
        std::string name = {};
        answer_basis of = {};
        std::string tag = {};
        std::shared_ptr<const http::frozen> whole = {};
        std::shared_ptr<const http::frozen> unchanged = {};
    };
    [[nodiscard]] static std::shared_ptr<const http::frozen> for_whom(
        const answer& kept, const http::request& asked);
    void drop(std::list<answer>::iterator which);

    kept_limits limits_;
    std::size_t bytes_ = 0;
    std::list<answer> kept_ = {}; ///< the one asked for last in front
};

} // namespace restpoint::api
