// What the fuzz targets share. A target states properties of what a parser gives back: a crash is
// only the coarsest finding.
#pragma once

#include "base/utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

/// One target's work. libFuzzer calls it with each input.
void probe(std::string_view input);

/// Ends the process with the sentence, and with the text it is about, when it does not hold;
/// libFuzzer keeps the input.
inline void demand(bool holds, const char* sentence, std::string_view about = {}) {
    if (holds) {
        return;
    }
    std::fprintf(stderr, "property broken: %s%s", sentence, about.empty() ? "" : ": ");
    for (const char c : about) {
        const bool plain = c >= 0x20 && c < 0x7F && c != '\\';
        std::fprintf(stderr, plain ? "%c" : "\\x%02x", static_cast<unsigned char>(c));
    }
    std::fputc('\n', stderr);
    std::abort();
}

[[nodiscard]] inline bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto size = restpoint::utf8_sequence(text);
        if (size == 0) {
            return false;
        }
        text.remove_prefix(size);
    }
    return true;
}

/// Line ends and tabs are counted in unless they are named.
[[nodiscard]] inline bool has_control(std::string_view text, std::string_view allowed = "") {
    return std::any_of(text.begin(), text.end(), [allowed](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 || byte == 0x7F) && allowed.find(c) == allowed.npos;
    });
}

[[nodiscard]] inline std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

/// What a failure must be for people to read it: said, and showable wherever it ends up.
template <class Failure>
void demand_readable(const Failure& what) {
    demand(!what.detail.empty(), "a failure says what is wrong");
    demand(is_utf8(what.detail), "a failure is UTF-8", what.detail);
    demand(is_utf8(what.hint), "a hint is UTF-8", what.hint);
}

/// Takes an input apart from the front; an input that has ended gives zeros and empty text.
class dispenser {
  public:
    explicit dispenser(std::string_view input) : rest_(input) {}

    [[nodiscard]] std::uint8_t byte() {
        const auto taken = rest_.substr(0, 1);
        rest_.remove_prefix(taken.size());
        return taken.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(taken.front());
    }

    [[nodiscard]] std::uint64_t number() {
        std::uint64_t value = 0;
        for (int i = 0; i < 8; ++i) {
            value = value << 8U | byte();
        }
        return value;
    }

    /// Up to the next line feed, which goes too.
    [[nodiscard]] std::string_view line() {
        const auto length = std::min(rest_.find('\n'), rest_.size());
        const auto taken = rest_.substr(0, length);
        rest_.remove_prefix(std::min(length + 1, rest_.size()));
        return taken;
    }

    [[nodiscard]] bool empty() const { return rest_.empty(); }
    [[nodiscard]] std::string_view rest() const { return rest_; }

  private:
    std::string_view rest_;
};
