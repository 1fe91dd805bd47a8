#include "client/follow.hpp"

#include "client/connection.hpp"
#include "client/event_reader.hpp"
#include "client/response_reader.hpp"

#include <optional>
#include <utility>

namespace restpoint::client {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto to_connect = 10s;
constexpr auto between_tries = 1s;
/// The service gives a sign of life every 25 s.
constexpr auto longest_silence = 60s;

class follower {
  public:
    follower(const door& to, interrupts& ctrl_c, const follow_options& options)
        : to_(to), ctrl_c_(ctrl_c), options_(options) {}

    followed run() {
        for (;;) {
            auto outcome = listen();
            if (outcome) {
                return std::move(*outcome);
            }
            if (clock::now() - last_word_ > options_.patience) {
                return {followed::how::lost, {}, {}, trouble_};
            }
            if (ctrl_c_.wait(between_tries) && options_.interrupted() == after_interrupt::detach) {
                return {followed::how::left};
            }
        }
    }

  private:
    /// One connection, from its beginning to its end; none when it is to be tried again.
    std::optional<followed> listen() {
        events_.cut();
        response_ = {};
        refused_.clear();
        auto opened = connection::open(to_.where, to_connect);
        if (!opened && opened.error().code == errc::invalid) { // no time will mend a certificate
            return followed{followed::how::lost, {}, {}, opened.error()};
        }
        if (!opened) {
            return again(opened.error());
        }
        const auto asked = events_of(options_.id, options_.level, events_.last_id());
        if (const auto sent = opened->send(to_text(asked, to_.where, to_.token), to_connect);
            !sent) {
            return again(sent.error());
        }
        for (;;) {
            std::string bytes;
            const auto heard = opened->hear(bytes, ctrl_c_.fd(), longest_silence);
            if (!heard) {
                return again(heard.error());
            }
            if (*heard == connection::heard::interrupt) {
                ctrl_c_.take();
                if (options_.interrupted() == after_interrupt::detach) {
                    return followed{followed::how::left};
                }
            } else if (*heard != connection::heard::bytes) {
                return again({errc::unavailable, "the connection to the service ended early"});
            } else if (auto outcome = take(bytes); outcome || response_.complete()) {
                return outcome;
            }
        }
    }

    std::nullopt_t again(failure why) {
        trouble_ = std::move(why);
        if (options_.trouble && !std::exchange(trouble_told_, true)) {
            options_.trouble(trouble_);
        }
        return std::nullopt;
    }

    std::optional<followed> take(const std::string& bytes) {
        const auto body = response_.take(bytes);
        if (!body) {
            return followed{followed::how::lost, {}, {}, body.error()};
        }
        if (!response_.has_head()) {
            return std::nullopt;
        }
        if (response_.status() != 200) {
            return take_refusal(*body);
        }
        last_word_ = clock::now();
        trouble_told_ = false;
        for (const auto& one : events_.take(*body)) {
            if (one.name == "state") {
                return followed{followed::how::ended, one.data};
            }
            show(one);
        }
        return std::nullopt;
    }

    /// Too many followers, or a service that is about to end: that passes.
    std::optional<followed> take_refusal(const std::string& body) {
        refused_ += body;
        if (!response_.complete()) {
            return std::nullopt;
        }
        if (response_.status() == 503) {
            return again({errc::unavailable, "the service is busy"});
        }
        return followed{followed::how::refused, {}, {response_.status(), refused_}};
    }

    void show(const event& one) const {
        if (one.name == "log" && options_.line) {
            if (const auto line = parse_log_event(one.data)) {
                options_.line(*line);
            }
        } else if (one.name == "progress" && options_.moved) {
            if (const auto now = parse_progress(one.data)) {
                options_.moved(*now);
            }
        }
    }

    const door& to_;
    interrupts& ctrl_c_;
    const follow_options& options_;
    event_reader events_ = {};
    response_reader response_ = {};
    std::string refused_ = {};
    failure trouble_ = {};
    bool trouble_told_ = false; ///< since the last word
    clock::time_point last_word_ = clock::now();
};

} // namespace

followed follow(const door& to, interrupts& ctrl_c, const follow_options& options) {
    return follower(to, ctrl_c, options).run();
}

} // namespace restpoint::client
