// An answer whose bytes stand ready: only Date and Connection are added when it is sent.
#pragma once

#include "http/reply.hpp"

#include <string>

namespace restpoint::http {

class frozen {
  public:
    explicit frozen(const response& what);

    [[nodiscard]] unsigned status() const { return status_; }
    [[nodiscard]] const std::string& head() const { return head_; }
    [[nodiscard]] const std::string& body() const { return body_; }

  private:
    unsigned status_;
    std::string head_;
    std::string body_;
};

/// render_head() for a whole answer.
[[nodiscard]] std::string render_head(const response& what);

} // namespace restpoint::http
