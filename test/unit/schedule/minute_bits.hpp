// Up to 256 expressions as bits, for a walk that looks at the clock at every minute. Reads them in
// its own plain way, so that it shares nothing with what it tests.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string_view>

namespace restpoint::schedule::test {

/// One bit per expression.
struct expression_set {
    std::array<std::uint64_t, 4> words = {};

    void add(std::size_t index) { words[index / 64] |= std::uint64_t{1} << index % 64; }
    [[nodiscard]] bool has(std::size_t index) const {
        return (words[index / 64] >> index % 64 & 1U) != 0;
    }
    [[nodiscard]] bool empty() const { return (words[0] | words[1] | words[2] | words[3]) == 0; }

    template <class Call>
    void for_each(const Call& call) const {
        for (std::size_t i = 0; i < words.size(); ++i) {
            for (auto word = words[i]; word != 0; word &= word - 1) {
                call(i * 64 + static_cast<std::size_t>(std::countr_zero(word)));
            }
        }
    }
    friend expression_set operator&(expression_set a, const expression_set& b) {
        for (std::size_t i = 0; i < a.words.size(); ++i) {
            a.words[i] &= b.words[i];
        }
        return a;
    }
    friend expression_set operator|(expression_set a, const expression_set& b) {
        for (std::size_t i = 0; i < a.words.size(); ++i) {
            a.words[i] |= b.words[i];
        }
        return a;
    }
    friend expression_set operator~(expression_set a) {
        for (auto& word : a.words) {
            word = ~word;
        }
        return a;
    }
};

/// Which expressions hold a value, for every value of every field.
class minute_bits {
  public:
    /// Good expressions only.
    explicit minute_bits(std::span<const std::string_view> expressions);

    [[nodiscard]] const expression_set& at_minute(std::size_t minute) const {
        return minutes_[minute];
    }
    [[nodiscard]] const expression_set& at_hour(std::size_t hour) const { return hours_[hour]; }
    /// `day` counts from 1970-01-01.
    [[nodiscard]] expression_set on_day(std::int64_t day) const;
    /// Those that run in every hour of the day.
    [[nodiscard]] const expression_set& elapsed() const { return elapsed_; }

  private:
    void read(std::size_t index, std::string_view expression);

    std::array<expression_set, 60> minutes_ = {};
    std::array<expression_set, 24> hours_ = {};
    std::array<expression_set, 32> days_ = {};
    std::array<expression_set, 13> months_ = {};
    std::array<expression_set, 7> weekdays_ = {};
    expression_set any_day_ = {};
    expression_set any_weekday_ = {};
    expression_set elapsed_ = {};
};

} // namespace restpoint::schedule::test
