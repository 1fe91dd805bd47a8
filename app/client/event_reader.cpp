#include "client/event_reader.hpp"

#include <algorithm>
#include <utility>

namespace restpoint::client {

std::vector<event> event_reader::take(std::string_view bytes) {
    waiting_ += bytes;
    std::vector<event> whole;
    std::size_t at = 0;
    // restpoint ends its lines with LF alone.
    for (auto end = waiting_.find('\n'); end != waiting_.npos; end = waiting_.find('\n', at)) {
        const auto line = std::string_view(waiting_).substr(at, end - at);
        at = end + 1;
        if (!line.empty()) {
            read(line);
            continue;
        }
        last_id_ = id_;
        if (!now_.data.empty()) {
            whole.push_back(std::move(now_));
        }
        now_ = {};
    }
    waiting_.erase(0, at);
    return whole;
}

void event_reader::cut() {
    waiting_.clear();
    now_ = {};
    id_ = last_id_;
}

void event_reader::read(std::string_view line) {
    const auto colon = std::min(line.find(':'), line.size());
    const auto field = line.substr(0, colon);
    auto value = line.substr(std::min(colon + 1, line.size()));
    if (value.starts_with(' ')) {
        value.remove_prefix(1);
    }
    if (field == "event") {
        now_.name = value;
    } else if (field == "id") {
        id_ = value;
    } else if (field == "data") {
        now_.data += now_.data.empty() ? "" : "\n";
        now_.data += value;
    }
}

} // namespace restpoint::client
