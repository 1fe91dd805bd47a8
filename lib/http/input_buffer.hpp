// The bytes of a connection that no request has taken yet: contiguous, bounded.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace restpoint::http {

class input_buffer {
  public:
    explicit input_buffer(std::size_t limit) : limit_(limit) {}

    [[nodiscard]] std::string_view bytes() const { return {data_.get() + begin_, end_ - begin_}; }
    [[nodiscard]] bool empty() const { return begin_ == end_; }
    [[nodiscard]] bool full() const { return end_ - begin_ == limit_; }

    struct room {
        char* data;
        std::size_t size;
    };

    /// Where the next bytes may be read to; at least one byte unless full().
    [[nodiscard]] room space() {
        if (begin_ > 0) {
            std::memmove(data_.get(), data_.get() + begin_, end_ - begin_);
            end_ -= begin_;
            begin_ = 0;
        }
        if (end_ == capacity_ && capacity_ < limit_) {
            grow();
        }
        return {data_.get() + end_, capacity_ - end_};
    }

    void commit(std::size_t bytes) { end_ += bytes; }

    void consume(std::size_t bytes) {
        begin_ += bytes;
        if (begin_ == end_) {
            begin_ = end_ = 0;
        }
    }

  private:
    static constexpr std::size_t first_capacity = 4096;

    void grow() {
        const auto larger = std::min(limit_, std::max(first_capacity, capacity_ * 2));
        auto data = std::make_unique<char[]>(larger);
        if (end_ > 0) {
            std::memcpy(data.get(), data_.get(), end_);
        }
        data_ = std::move(data);
        capacity_ = larger;
    }

    std::size_t limit_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::unique_ptr<char[]> data_;
};

} // namespace restpoint::http
