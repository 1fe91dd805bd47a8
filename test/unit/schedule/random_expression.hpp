// Expressions by chance, for tests of what holds for all of them.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace restpoint::schedule::test {

/// Another one each time, so that every run looks at expressions that none has looked at before;
/// RESTPOINT_TEST_SEED repeats the one that a failure names.
[[nodiscard]] std::uint64_t a_seed();

/// Good ones, of every shape that the grammar has.
[[nodiscard]] std::vector<std::string> random_expressions(std::mt19937_64& random, int count);

/// A good one with a few characters changed, left out or put in: good or not.
[[nodiscard]] std::string random_damage(std::mt19937_64& random, std::string expression);

} // namespace restpoint::schedule::test
