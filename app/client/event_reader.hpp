// Server-sent events (WHATWG HTML, section 9.2) out of the bytes that come. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace restpoint::client {

struct event {
    std::string name = {};
    std::string data = {};

    friend bool operator==(const event&, const event&) = default;
};

class event_reader {
  public:
    /// The events that `bytes` complete. Those without data only move last_id().
    [[nodiscard]] std::vector<event> take(std::string_view bytes);

    /// Of the last event that came whole: where to resume. Empty when none had an id.
    [[nodiscard]] const std::string& last_id() const { return last_id_; }

    /// The connection was cut: what came in parts is forgotten, the last id stays.
    void cut();

  private:
    void read(std::string_view line);

    std::string waiting_ = {};
    event now_ = {};
    std::string id_ = {};
    std::string last_id_ = {};
};

} // namespace restpoint::client
