#include "random_expression.hpp"

#include "schedule/cron.hpp"

#include <array>
#include <cstdlib>
#include <string_view>

namespace restpoint::schedule::test {

namespace {

struct shape {
    int low;
    int high;
    std::string_view names; ///< three letters each
};
constexpr std::array<shape, 5> shapes{
    {{0, 59, ""},
     {0, 23, ""},
     {1, 31, ""},
     {1, 12, "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"},
     {0, 7, "SUNMONTUEWEDTHUFRISATSUN"}}};

class writer {
  public:
    explicit writer(std::mt19937_64& random) : random_(random) {}

    std::string expression() {
        std::string text;
        for (const auto& field : shapes) {
            text += (text.empty() ? "" : " ") + one(field);
        }
        return text;
    }

  private:
    int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

    std::string value(const shape& field, int number) {
        if (field.names.empty() || below(2) == 0) {
            return std::to_string(number);
        }
        auto name =
            std::string(field.names.substr(static_cast<std::size_t>(number - field.low) * 3, 3));
        for (auto& letter : name) {
            letter = static_cast<char>(below(2) == 0 ? letter : letter - 'A' + 'a');
        }
        return name;
    }

    std::string part(const shape& field) {
        const int first = field.low + below(field.high - field.low + 1);
        const int last = first + below(field.high - first + 1);
        const auto range = value(field, first) + "-" + value(field, last);
        switch (below(4)) {
        case 0:
            return range;
        case 1:
            return last == first ? range : range + "/" + std::to_string(1 + below(last - first));
        default:
            return value(field, first);
        }
    }

    std::string one(const shape& field) {
        switch (below(6)) {
        case 0:
        case 1:
            return "*";
        case 2:
            return "*/" + std::to_string(1 + below(field.high - field.low - 1));
        default:
            break;
        }
        auto text = part(field);
        while (below(3) == 0) {
            text += "," + part(field);
        }
        return text;
    }

    std::mt19937_64& random_;
};

} // namespace

std::uint64_t a_seed() {
    const auto* const chosen = std::getenv("RESTPOINT_TEST_SEED");
    return chosen == nullptr ? std::random_device{}() : std::stoull(chosen);
}

std::vector<std::string> random_expressions(std::mt19937_64& random, int count) {
    writer write(random);
    std::vector<std::string> all;
    // What the parser refuses of these (dates that never come, steps beside another day) is refused
    // in cron_test.cpp.
    for (int tries = 0; tries < 100 * count && std::ssize(all) < count; ++tries) {
        auto text = write.expression();
        if (parse_cron(text)) {
            all.push_back(std::move(text));
        }
    }
    return all;
}

std::string random_damage(std::mt19937_64& random, std::string expression) {
    constexpr std::string_view characters = "0123456789*/-,@ \t?LW#=ANsunMONjan\x1B\xFF";
    for (auto times = 1 + random() % 3; times > 0; --times) {
        const auto at = random() % (expression.size() + 1);
        const auto removed = random() % 3;
        const std::string inserted(random() % 2, characters[random() % characters.size()]);
        expression.replace(at, removed, inserted);
    }
    return expression;
}

} // namespace restpoint::schedule::test
