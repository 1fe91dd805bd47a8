#include "client/exchange.hpp"

#include "client/connection.hpp"
#include "client/request_key.hpp"
#include "client/response_reader.hpp"

#include <fmt/format.h>

#include <optional>

namespace restpoint::client {
namespace {

/// How far a question came that has no answer.
enum class fate { not_sent, cut, unanswered };

class attempt {
  public:
    attempt(const door& to, const std::function<void(std::string_view)>& sink, patience how_long)
        : to_(to), sink_(sink), how_long_(how_long) {}

    result<answer> ask(const http_request& what) {
        auto opened = connection::open(to_.where, how_long_.to_connect);
        if (!opened) {
            return opened.error();
        }
        how_far_ = fate::cut;
        const auto text = to_text(what, to_.where, to_.token);
        if (const auto sent = opened->send(text, how_long_.to_connect); !sent) {
            return sent.error();
        }
        while (!reader_.complete()) {
            if (auto wrong = listen(*opened)) {
                return std::move(*wrong);
            }
        }
        return std::move(made_);
    }

    [[nodiscard]] fate how_far() const { return how_far_; }

  private:
    /// Takes what comes next.
    std::optional<failure> listen(connection& from) {
        std::string bytes;
        const auto heard = from.hear(bytes, -1, how_long_.to_answer);
        if (!heard) {
            return heard.error();
        }
        if (*heard == connection::heard::silence) {
            how_far_ = fate::unanswered;
            return failure{errc::unavailable, "the service does not answer", "is it overloaded?"};
        }
        if (*heard == connection::heard::closed) {
            const auto ended = reader_.end();
            return ended ? std::nullopt : std::optional(ended.error());
        }
        const auto body = reader_.take(bytes);
        if (!body) {
            how_far_ = fate::unanswered; // another try would be told the same
            return body.error();
        }
        made_.status = reader_.status();
        if (sink_ && made_.good()) {
            sink_(*body);
        } else {
            made_.body += *body;
        }
        return std::nullopt;
    }

    const door& to_;
    const std::function<void(std::string_view)>& sink_;
    patience how_long_;
    response_reader reader_ = {};
    answer made_ = {};
    fate how_far_ = fate::not_sent;
};

failure unknown_outcome(const failure& first, const failure& last) {
    const auto detail = first.detail == last.detail
                            ? first.detail
                            : fmt::format("{}, and then: {}", first.detail, last.detail);
    return {
        last.code, detail,
        "whether the service took it on is unknown: 'restpoint jobs' tells, once it answers"};
}

} // namespace

result<answer> exchange(
    const door& to, const http_request& what, const std::function<void(std::string_view)>& sink,
    patience how_long) {
    return attempt(to, sink, how_long).ask(what);
}

result<answer> post(const door& to, http_request what) {
    what.headers.emplace_back("Idempotency-Key", draw_request_key());
    const std::function<void(std::string_view)> no_sink;
    attempt first(to, no_sink, {});
    auto said = first.ask(what);
    if (said || first.how_far() == fate::not_sent) {
        return said;
    }
    if (first.how_far() == fate::unanswered) {
        return unknown_outcome(said.error(), said.error());
    }
    auto again = attempt(to, no_sink, {}).ask(what);
    if (!again) {
        return unknown_outcome(said.error(), again.error());
    }
    again->asked_twice = true;
    return again;
}

} // namespace restpoint::client
