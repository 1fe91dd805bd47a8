// Tokens that a page carries and its form brings back: proof that a person saw the button. For
// browsers that send no Sec-Fetch-*, where nothing else tells a person from a hostile page.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace restpoint::api {

class one_time_tokens {
  public:
    using clock = std::chrono::steady_clock;

    explicit one_time_tokens(
        std::size_t capacity = 4096, clock::duration lifetime = std::chrono::minutes{10});

    /// 128 random bits in hex, good once for `path`. A full table forgets its oldest.
    [[nodiscard]] std::string issue(std::string path, clock::time_point now);

    /// Whether `token` was issued for `path`, not yet used and not too old. Uses it up.
    [[nodiscard]] bool redeem(std::string_view token, std::string_view path, clock::time_point now);

    [[nodiscard]] std::size_t size() const { return issued_.size(); }

  private:
    struct entry {
        std::string token;
        std::string path;
        clock::time_point until;
    };
    void forget_old(clock::time_point now);

    std::size_t capacity_;
    clock::duration lifetime_;
    std::deque<entry> issued_ = {}; ///< oldest first
};

} // namespace restpoint::api
