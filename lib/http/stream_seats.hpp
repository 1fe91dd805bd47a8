// How many streams there may be, in all and of one caller: they last, and would otherwise take every
// connection from those who only have a question. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

namespace restpoint::http {

class stream_seats {
  public:
    /// Three quarters of the connections for streams, and half of them for those of one caller; at
    /// least one.
    explicit stream_seats(std::size_t max_connections);

    /// Held for as long as the stream lasts, and not longer than the seats.
    using seat = std::shared_ptr<const void>;

    /// Null where there is none left for `who`.
    [[nodiscard]] seat take(const std::string& who);

    [[nodiscard]] std::size_t taken() const { return taken_; }

  private:
    void give_back(const std::string& who);

    std::size_t all_;
    std::size_t each_;
    std::size_t taken_ = 0;
    std::map<std::string, std::size_t> of_ = {};
};

} // namespace restpoint::http
