#include "http/stream_writer.hpp"

#include "base/log.hpp"
#include "http/ascii.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <limits>

namespace asio = boost::asio;

namespace restpoint::http {
namespace {

constexpr std::size_t largest_frame = 256U << 10U;

/// What a send costs beside its bytes, in the time that it takes to send bytes.
constexpr std::size_t cost_of_a_send = 8U << 10U;

/// How much longer a byte takes that is encrypted first.
constexpr std::size_t cost_of_encryption = 3;

void take(std::string_view& from, std::size_t& sent) {
    const auto part = std::min(from.size(), sent);
    from.remove_prefix(part);
    sent -= part;
}

asio::const_buffer view(std::string_view bytes) {
    return {bytes.data(), bytes.size()};
}

} // namespace

stream_writer::stream_writer(connection& to, body_source& from, turnstile& turns, plan how)
    : to_(to), from_(from), turns_(turns), plan_(std::move(how)) {}

asio::awaitable<void> stream_writer::run(bool& whole) {
    whole = false;
    try {
        whole = co_await copy();
    } catch (const boost::system::system_error& e) {
        if (e.code() != asio::error::operation_aborted) {
            log::error("a stream failed", {{"path", plan_.path}, {"error", e.what()}});
        }
    } catch (const std::exception& e) {
        log::error("a stream failed", {{"path", plan_.path}, {"error", e.what()}});
    }
}

asio::awaitable<bool> stream_writer::copy() {
    for (;;) {
        const auto done = co_await turn();
        if (done == step::failed) {
            co_return false;
        }
        if (done == step::end) {
            break;
        }
    }
    const bool ended = co_await finish();
    co_return ended;
}

/// One peek and one send. The piece ends with this frame, so nothing is held while the next turn
/// waits for the client.
asio::awaitable<stream_writer::step> stream_writer::turn() {
    const bool ready = co_await until_writable();
    if (!ready) {
        co_return step::failed;
    }
    if (!may_send()) {
        co_await wait_for_turn();
    }
    if (frame_left_ == 0 && !behind_.empty()) {
        // The end of a frame stuck: it must not wait for the source to have more.
        const bool sent = send_some({});
        co_return sent ? step::go_on : step::failed;
    }
    if (plan_.frame == framing::length && total_ == plan_.length) {
        co_return step::end;
    }
    auto piece = co_await from_.peek();
    if (piece.bytes.empty()) {
        const bool owed = frame_left_ > 0 || plan_.frame == framing::length;
        if (owed) {
            log::error(
                "a stream ended before its length",
                {{"path", plan_.path}, {"sent", total_}, {"length", plan_.length}});
        }
        co_return owed ? step::failed : step::end;
    }
    if (!let_go_ && !may_send()) {
        // The source waited, and a thousand others may have been woken with us. Once is enough: a
        // source that waits each time would never be heard.
        let_go_ = true;
        piece = {};
        co_await wait_for_turn();
        co_return step::go_on;
    }
    let_go_ = false;
    const bool sent = send_some(piece.bytes);
    co_return sent ? step::go_on : step::failed;
}

/// Whether this stream's turn goes on, or another one could be had without waiting.
bool stream_writer::may_send() {
    if (turn_left_ > 0 && turns_.spent() == spent_by_all_) {
        return true;
    }
    if (!turns_.try_enter()) {
        return false;
    }
    begin_turn();
    return true;
}

asio::awaitable<void> stream_writer::wait_for_turn() {
    co_await turns_.enter();
    begin_turn();
}

void stream_writer::begin_turn() {
    turn_left_ = turns_.bytes_a_turn();
    spent_by_all_ = turns_.spent();
}

void stream_writer::spend(std::size_t sent) {
    const auto cost = (to_.is_encrypted() ? cost_of_encryption * sent : sent) + cost_of_a_send;
    turn_left_ -= std::min(turn_left_, cost);
    turns_.spend(cost);
    spent_by_all_ = turns_.spent();
}

asio::awaitable<bool> stream_writer::until_writable() {
    if (writable_) {
        co_return true;
    }
    boost::system::error_code ec;
    to_.due(connection::clock::now() + plan_.stall_timeout);
    co_await to_.wait(asio::socket_base::wait_write, ec);
    if (ec) {
        co_return false;
    }
    to_.due(connection::clock::time_point::max());
    writable_ = true;
    co_return true;
}

void stream_writer::begin_frame(std::size_t available) {
    switch (plan_.frame) {
    case framing::chunked:
        frame_left_ = std::min(available, largest_frame);
        before_ = fmt::format("{:x}\r\n", frame_left_);
        behind_ = "\r\n";
        return;
    case framing::length:
        frame_left_ = static_cast<std::size_t>(
            std::min<std::uint64_t>({available, largest_frame, plan_.length - total_}));
        return;
    case framing::until_close:
        frame_left_ = std::min(available, largest_frame);
        return;
    }
}

bool stream_writer::send_some(std::string_view bytes) {
    if (frame_left_ == 0 && behind_.empty()) {
        begin_frame(bytes.size());
    }
    const auto data = bytes.substr(0, frame_left_);
    const auto end = data.size() == frame_left_ ? behind_ : std::string_view();
    const connection::buffers out = {view(before_), view(data), view(end)};
    const auto wanted = before_.size() + data.size() + end.size();

    boost::system::error_code ec;
    auto sent = to_.try_send(out, ec);
    writable_ = sent == wanted;
    spend(sent);

    std::string_view before = before_;
    take(before, sent);
    before_.erase(0, before_.size() - before.size());
    const auto data_sent = std::min(sent, data.size());
    sent -= data_sent;
    frame_left_ -= data_sent;
    total_ += data_sent;
    take(behind_, sent);
    if (data_sent > 0) {
        from_.consume(data_sent);
    }
    return !ec;
}

std::string stream_writer::last_chunk() {
    std::string out = "0\r\n";
    const auto declared = [this](const std::string& name) {
        const auto& names = *plan_.trailer_names;
        return std::any_of(names.begin(), names.end(), [&name](const std::string& one) {
            return equals_ignoring_case(one, name);
        });
    };
    if (plan_.trailer_names != nullptr && !plan_.trailer_names->empty()) {
        for (const auto& [name, value] : from_.trailers()) {
            if (declared(name)) {
                out += render_field(name, value);
            }
        }
    }
    return out + "\r\n";
}

asio::awaitable<bool> stream_writer::finish() {
    if (plan_.frame != framing::chunked) {
        co_return true;
    }
    const auto last = last_chunk();
    const connection::buffers out = {view(last), {}, {}};
    to_.due(connection::clock::now() + plan_.stall_timeout);
    const bool sent = co_await to_.send_all(out);
    if (sent) {
        to_.due(connection::clock::time_point::max());
    }
    co_return sent;
}

} // namespace restpoint::http
