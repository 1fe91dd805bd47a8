// The answering half of a session: asks the handler, and sends what it gives.
#include "base/log.hpp"
#include "http/frozen.hpp"
#include "http/request_id.hpp"
#include "http/session.hpp"
#include "http/stream_writer.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>
#include <stdexcept>

namespace asio = boost::asio;
using namespace boost::asio::experimental::awaitable_operators;

namespace restpoint::http {
namespace {

/// What it takes to begin a stream, in the time that it takes to send bytes: a thousand that begin
/// at the same moment are served in several passes.
constexpr std::size_t cost_of_a_start = 32U << 10U;

asio::const_buffer view(std::string_view bytes) {
    return {bytes.data(), bytes.size()};
}

/// An answer that cannot be sent: a defect of the handler.
bool is_hollow(const reply& what) {
    if (const auto* ready = std::get_if<std::shared_ptr<const frozen>>(&what)) {
        return !*ready;
    }
    const auto* stream = std::get_if<streamed>(&what);
    return stream != nullptr && !stream->body;
}

std::string describe(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
        return e.what();
    } catch (...) {
        return "an exception without a text";
    }
}

stream_writer::plan plan_for(const streamed& what, const request& asked) {
    stream_writer::plan plan;
    plan.frame = what.length                ? framing::length
                 : asked.minor_version == 0 ? framing::until_close
                                            : framing::chunked;
    plan.length = what.length.value_or(0);
    plan.trailer_names = &what.trailer_names;
    plan.path = asked.path;
    return plan;
}

/// Whose stream it is: the caller's, or the address's where nobody knows who calls.
std::string streamer(const request& asked) {
    return asked.caller.empty() ? asked.peer.substr(0, asked.peer.rfind(':')) : asked.caller;
}

std::string render_head(const streamed& what, const stream_writer::plan& plan) {
    head_parts parts;
    parts.status = what.status;
    parts.content_type = what.content_type;
    parts.headers = &what.headers;
    parts.frame = plan.frame;
    parts.length = plan.length;
    parts.trailer_names = &what.trailer_names;
    return http::render_head(parts);
}

/// A 500 that tells nothing but the id under which the log tells the rest.
response failed(const request& asked, const std::exception_ptr& thrown) {
    const auto id = make_request_id();
    log::error(
        "a request failed", {{"request", id},
                             {"method", to_string(asked.verb)},
                             {"path", asked.path},
                             {"error", describe(thrown)}});
    problem what{500, "internal"};
    what.detail = "the request failed for a reason that is in the log";
    what.hint = "look for request " + id + " in restpoint's log";
    what.extra_json = "\"request\":\"" + id + "\"";
    return to_response(what, asked);
}

} // namespace

asio::awaitable<reply> session::ask_handler() {
    auto& asked = reader_.value();
    std::exception_ptr thrown;
    try {
        auto pending = core_->answer(asked);
        auto what = co_await std::move(pending);
        if (is_hollow(what)) {
            throw std::logic_error("the handler gave an answer without a body");
        }
        co_return what;
    } catch (...) {
        thrown = std::current_exception();
    }
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) {
        std::rethrow_exception(thrown);
    }
    co_return failed(asked, thrown);
}

asio::awaitable<bool> session::answer() {
    ++core_->requests;
    bool keep = reader_.keep_alive();
    if (refusal_) {
        keep = co_await send_refusal(keep);
        co_return keep;
    }
    auto what = co_await ask_handler();
    keep = keep && !core_->draining;
    bool sent = false;
    if (const auto* ready = std::get_if<std::shared_ptr<const frozen>>(&what)) {
        core_->count_answer((*ready)->status());
        sent = co_await send((*ready)->head(), (*ready)->body(), keep);
    } else if (const auto* whole = std::get_if<response>(&what)) {
        core_->count_answer(whole->status);
        const auto head = render_head(*whole);
        const auto body = allows_body(whole->status) ? std::string_view(whole->body) : "";
        sent = co_await send(head, body, keep);
    } else {
        auto& stream = std::get<streamed>(what);
        keep = keep && (stream.length || reader_.value().minor_version > 0);
        sent = co_await send_stream(stream, keep);
    }
    co_return sent&& keep;
}

asio::awaitable<bool> session::send_refusal(bool keep) {
    problem what{refusal_->status, refusal_->code};
    what.detail = refusal_->detail;
    what.hint = refusal_->hint;
    const auto page = to_response(what, reader_.value());
    core_->count_answer(page.status);
    const auto head = render_head(page);
    keep = keep && !core_->draining;
    const bool sent = co_await send(head, page.body, keep);
    co_return sent&& keep;
}

persistence session::persistence_for(bool keep) const {
    if (!keep) {
        return persistence::close;
    }
    return reader_.value().minor_version == 0 ? persistence::keep_alive : persistence::implied;
}

asio::awaitable<bool> session::send(std::string_view head, std::string_view body, bool keep) {
    const auto closing = core_->closing.get(persistence_for(keep));
    const bool head_only = reader_.value().verb == method::head;
    connection::buffers out = {view(head), view(*closing), view(head_only ? "" : body)};
    boost::system::error_code ec;
    const auto sent = connection_->try_send(out, ec);
    const bool left = advance(out, sent);
    cut_ = static_cast<bool>(ec);
    if (left && !ec) {
        connection_->due(connection::clock::now() + core_->options.write_timeout);
        const bool all = co_await connection_->send_all(out);
        cut_ = !all;
        connection_->due(connection::clock::time_point::max());
    }
    co_return !cut_;
}

/// The stream is not begun; what the request may have started goes on.
asio::awaitable<bool> session::send_no_seat(bool keep) {
    problem what{503, "too_many_streams"};
    what.detail = "there are as many streams as this server takes, in all or for one caller";
    what.hint = "come again when some have ended; what the request started goes on";
    what.headers.emplace_back("Retry-After", "5");
    const auto page = to_response(what, reader_.value());
    const auto head = render_head(page);
    core_->count_answer(page.status);
    const bool sent = co_await send(head, page.body, keep);
    co_return sent;
}

asio::awaitable<bool> session::send_stream(streamed& what, bool keep) {
    const auto seat = core_->seats.take(streamer(reader_.value()));
    if (!seat) {
        what.body.reset();
        const bool sent = co_await send_no_seat(keep);
        co_return sent;
    }
    core_->count_answer(what.status);
    co_await core_->turns->enter();
    core_->turns->spend(cost_of_a_start);
    const auto& asked = reader_.value();
    auto plan = plan_for(what, asked);
    plan.stall_timeout = core_->options.stream_stall_timeout;
    const auto head = render_head(what, plan);
    const bool head_only = asked.verb == method::head || !allows_body(what.status);
    if (head_only) {
        what.body.reset();
    }
    const bool begun = co_await send(head, "", keep);
    if (!begun || head_only) {
        co_return begun;
    }
    bool whole = false;
    if (!core_->draining) {
        phase_ = phase::streaming;
        stream_writer writer(*connection_, *what.body, *core_->turns, plan);
        auto copying = writer.run(whole);
        auto watching = leaving_.wait();
        co_await (std::move(copying) || std::move(watching));
        phase_ = phase::answering;
    }
    cut_ = !whole;
    if (cut_ && (plan.frame == framing::until_close || connection_->expired())) {
        // Without frames an end would look like the end of the body; and what a client does not
        // take is not kept for it.
        connection_->reset();
    }
    co_return whole;
}

} // namespace restpoint::http
