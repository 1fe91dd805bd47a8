#include "http/session.hpp"

#include "http/frozen.hpp"

namespace asio = boost::asio;

namespace restpoint::http {
namespace {

/// How long a client that was told the end may go on sending.
constexpr std::chrono::seconds farewell{2};

/// Beside the head, so that the largest one and what was sent behind it fit.
constexpr std::size_t input_slack = 4096;

asio::const_buffer view(std::string_view bytes) {
    return {bytes.data(), bytes.size()};
}

constexpr std::string_view go_ahead = "HTTP/1.1 100 Continue\r\n\r\n";

} // namespace

session::session(std::shared_ptr<core> shared, accepted client)
    : core_(std::move(shared)),
      place_(core_->sessions.insert(core_->sessions.end(), this)),
      connection_(std::make_shared<connection>(std::move(client.socket))),
      leaving_(*connection_, core_->options.half_closed_timeout),
      reader_(
          {core_->options.header_bytes, core_->options.body_bytes}, std::move(client.peer),
          &leaving_),
      input_(core_->options.header_bytes + input_slack),
      by_tls_(client.by_tls) {
    connection_->prove(std::move(client.facts));
    reader_.value().from = &connection_->facts();
}

session::~session() {
    core_->sessions.erase(place_);
    stay();
}

/// What the listener asks for before the first request; false when there will be none.
asio::awaitable<bool> session::greet() {
    if (core_->draining) {
        co_return false;
    }
    phase_ = phase::idle; // may be ended like one that waits for its first request
    connection_->due(connection::clock::now() + core_->options.request_timeout);
    auto shaking = connection_->shake_hands(core_->options.tls);
    const auto came = co_await std::move(shaking);
    stay();
    phase_ = phase::receiving;
    connection_->due(connection::clock::time_point::max());
    if (came == connection::handshake::plain_text) {
        co_await send_elsewhere();
    } else if (came == connection::handshake::failed && !connection_->interrupted()) {
        core_->tell_failed_handshake(reader_.value().peer, connection_->why_not());
    }
    co_return came == connection::handshake::done;
}

/// Tells a client that speaks no TLS what to do, in the only words that it understands.
asio::awaitable<void> session::send_elsewhere() {
    static const frozen answer([] {
        problem what{400, "tls_required"};
        what.detail = "this port speaks TLS, and the request came without";
        what.hint = "use https:// instead of http://";
        return to_response(what, {});
    }());
    core_->count_answer(answer.status());
    const auto closing = core_->closing.get(persistence::close);
    const connection::buffers out = {view(answer.head()), view(*closing), view(answer.body())};
    boost::system::error_code ec;
    // A fresh socket takes so little at once or never.
    connection_->try_send(out, ec);
    phase_ = phase::lingering;
    co_await connection_->linger(farewell);
}

asio::awaitable<void> session::run() {
    if (by_tls_) {
        const bool understood = co_await greet();
        if (!understood) {
            co_return;
        }
    }
    bool go_on = true;
    bool unread = false;
    while (go_on) {
        const auto came = co_await receive();
        if (came == arrival::gone) {
            co_return;
        }
        phase_ = phase::answering;
        connection_->due(connection::clock::time_point::max());
        if (came == arrival::request) {
            go_on = co_await answer();
        } else {
            unread = true;
            go_on = co_await send_refusal(false);
        }
    }
    unread = unread || !input_.empty() || connection_->look() == connection::presence::talking;
    if (unread && !cut_) {
        phase_ = phase::lingering;
        co_await connection_->linger(farewell);
    }
}

void session::drain() {
    if (phase_ == phase::idle || phase_ == phase::streaming || phase_ == phase::lingering) {
        connection_->interrupt();
    }
}

bool session::evict(waiting for_what) {
    const auto sought = for_what == waiting::between_requests ? phase::idle : phase::receiving;
    if (phase_ != sought || evicted_ || connection_->look() != connection::presence::silent) {
        return false;
    }
    evicted_ = true;
    ++core_->leaving;
    connection_->due(connection::clock::now()); // as if its time were over
    return true;
}

void session::begin_to_wait(phase for_what) {
    phase_ = for_what;
    core_->sessions.splice(core_->sessions.end(), core_->sessions, place_);
}

void session::stay() {
    core_->leaving -= evicted_ ? 1 : 0;
    evicted_ = false;
}

/// Parses what there is; a head is judged by the guard once, before its body is waited for.
request_reader::progress session::parse() {
    if (input_.empty()) {
        return request_reader::progress::more;
    }
    const bool had_head = reader_.has_head();
    const auto done = reader_.feed(input_.bytes());
    input_.consume(done.consumed);
    if (done.now == request_reader::progress::refused) {
        refusal_ = reader_.refusal();
    } else if (!had_head && reader_.has_head()) {
        refusal_ = check_request(reader_.value(), core_->options.guard);
        if (refusal_ && core_->options.refused) {
            core_->options.refused(reader_.value(), *refusal_);
        }
    }
    return done.now;
}

asio::awaitable<session::arrival> session::receive() {
    reader_.start();
    refusal_.reset();
    begin_to_wait(input_.empty() ? phase::idle : phase::receiving);
    auto began = connection::clock::now();
    for (;;) {
        const auto parsed = parse();
        if (parsed == request_reader::progress::complete) {
            co_return arrival::request;
        }
        if (!refusal_ && input_.full()) {
            // Only the line before a chunk can be so long: the head has a limit of its own.
            refusal_ = refusal{400, "bad_request", "a line of the body is too long"};
        }
        if (refusal_) {
            co_return arrival::refused;
        }
        if (phase_ == phase::idle && core_->draining) {
            co_return arrival::gone;
        }
        const auto patience =
            phase_ == phase::idle ? core_->options.idle_timeout : core_->options.request_timeout;
        connection_->due(began + patience);
        const bool came = co_await read_more();
        if (!came) {
            co_return refusal_ && !evicted_ ? arrival::refused : arrival::gone;
        }
        stay();
        if (phase_ == phase::idle) {
            begin_to_wait(phase::receiving);
            began = connection::clock::now();
        }
    }
}

asio::awaitable<bool> session::read_more() {
    if (reader_.take_expectation()) {
        const connection::buffers out = {view(go_ahead), {}, {}};
        const bool told = co_await connection_->send_all(out);
        if (!told) {
            co_return false;
        }
    }
    boost::system::error_code ec;
    const auto room = input_.space();
    const auto got = co_await connection_->read_some(asio::buffer(room.data, room.size), ec);
    input_.commit(got);
    if (ec && phase_ == phase::receiving && connection_->expired()) {
        refusal_ = refusal{
            408, "request_timeout", "the request did not arrive in time",
            "send the whole request at once"};
    }
    co_return !ec;
}

} // namespace restpoint::http
