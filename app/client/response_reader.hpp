// An answer of HTTP/1.1 (RFC 9112) out of the bytes that come: for a connection that is used once.
// Pure.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace restpoint::client {

class response_reader {
  public:
    /// What of the body came with `bytes`. Fails with `io` on what is not HTTP/1.1.
    [[nodiscard]] result<std::string> take(std::string_view bytes);

    /// The other side has closed. Fails with `io` in the middle of an answer.
    [[nodiscard]] result<> end();

    [[nodiscard]] bool has_head() const { return part_ != part::head; }
    [[nodiscard]] bool complete() const { return part_ == part::complete; }
    [[nodiscard]] unsigned status() const { return status_; }

  private:
    enum class part { head, length, chunk_size, chunk, chunk_end, trailers, until_close, complete };

    result<bool> step(std::string& body);
    result<bool> read_head();
    result<bool> read_chunk_size();
    bool read_bytes(std::string& body, part then);
    bool drop_line(std::string_view& line);
    result<> begin_body(const std::map<std::string, std::string>& headers);

    part part_ = part::head;
    unsigned status_ = 0;
    std::string waiting_ = {}; ///< came, and is not understood yet
    std::string line_ = {};
    std::uint64_t left_ = 0; ///< of the body, or of the chunk
};

} // namespace restpoint::client
