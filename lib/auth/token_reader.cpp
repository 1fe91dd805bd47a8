#include "auth/token_reader.hpp"

namespace restpoint::auth {

std::optional<result<token_table>> token_reader::look(clock::time_point now) {
    constexpr std::chrono::minutes between{1};
    // Before it is read: a change in between is seen the next time.
    const auto mark = mark_of(file_);
    if (seen_ == mark) {
        return std::nullopt;
    }
    auto table = read_(file_);
    if (table || table.error().code != errc::io) {
        seen_ = mark;
        refused_.reset();
        return table;
    }
    seen_.reset();
    if (refused_ && now - *refused_ < between) {
        return std::nullopt;
    }
    refused_ = now;
    return table;
}

} // namespace restpoint::auth
