#include "http/request_reader.hpp"

#include "http/ascii.hpp"
#include "http/target.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace beast = boost::beast;

namespace restpoint::http {
namespace {

using error_code = boost::system::error_code;

method to_method(beast::http::verb verb) {
    switch (verb) {
    case beast::http::verb::get:
        return method::get;
    case beast::http::verb::head:
        return method::head;
    case beast::http::verb::post:
        return method::post;
    case beast::http::verb::put:
        return method::put;
    case beast::http::verb::patch:
        return method::patch;
    case beast::http::verb::delete_:
        return method::delete_;
    case beast::http::verb::options:
        return method::options;
    default:
        return method::other;
    }
}

/// Fills our request as Beast finds its parts, without a container of Beast's between. None of the
/// functions is marked `override`: Boost 1.90 adds on_trailer_field_impl, and a compiler that sees
/// some marked wants all of them marked.
class filler : public beast::http::basic_parser<true> {
  public:
    filler(request& into, std::string& target) : request_(into), target_(target) {}

  private:
    using field = beast::http::field;
    using text = beast::string_view;

    // Without override throughout: on_trailer_field_impl overrides something in newer Boost only.
    // NOLINTBEGIN(modernize-use-override)
    void on_request_impl(
        beast::http::verb verb, text /*name*/, text target, int version, error_code& /*ec*/) {
        request_.verb = to_method(verb);
        request_.minor_version = version % 10;
        target_.assign(target.data(), target.size());
    }
    void on_response_impl(int /*status*/, text /*reason*/, int /*version*/, error_code& /*ec*/) {}
    void on_field_impl(field /*known*/, text name, text value, error_code& /*ec*/) {
        // Beast reports the trailer fields of a chunked body here as well; a Host or a token that
        // comes behind the body must not count.
        if (!in_body_) {
            request_.headers.emplace_back(
                lower(std::string_view(name.data(), name.size())),
                std::string_view(value.data(), value.size()));
        }
    }
    void on_trailer_field_impl(field /*known*/, text /*name*/, text /*value*/, error_code& /*ec*/) {
    }
    void on_header_impl(error_code& /*ec*/) { in_body_ = true; }
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& /*ec*/) {
        // The length is what the client claims: memory follows what it sends.
        request_.body.reserve(std::min<std::uint64_t>(length.value_or(0), 64U << 10U));
    }
    std::size_t on_body_impl(text body, error_code& /*ec*/) {
        request_.body.append(body.data(), body.size());
        return body.size();
    }
    void on_chunk_header_impl(std::uint64_t /*size*/, text /*extensions*/, error_code& /*ec*/) {}
    std::size_t on_chunk_body_impl(std::uint64_t /*remain*/, text body, error_code& ec) {
        return on_body_impl(body, ec);
    }
    void on_finish_impl(error_code& /*ec*/) {}
    // NOLINTEND(modernize-use-override)

    request& request_;
    std::string& target_;
    bool in_body_ = false;
};

refusal bad_request(std::string detail) {
    return {400, "bad_request", std::move(detail), "send a request as RFC 9112 has it"};
}

} // namespace

struct request_reader::parser {
    parser(limits bounds, std::string peer, const departure* client) : within(bounds) {
        current.peer = std::move(peer);
        current.client = client;
    }

    limits within;
    request current = {};
    std::string target_text = {};
    std::optional<filler> beast = {};
    http::refusal why = {};
    bool head_judged = false;
    bool expects_continue = false;

    [[nodiscard]] progress refuse(http::refusal reason) {
        why = std::move(reason);
        return progress::refused;
    }
    [[nodiscard]] http::refusal explain(const error_code& ec) const;
    [[nodiscard]] std::optional<http::refusal> judge_head();
    [[nodiscard]] std::optional<http::refusal> judge_target();
    [[nodiscard]] std::optional<http::refusal> judge_encoding() const;
};

http::refusal request_reader::parser::explain(const error_code& ec) const {
    using beast::http::error;
    if (ec == error::header_limit) {
        return {
            431, "header_too_large",
            fmt::format("the head of the request is longer than {} bytes", within.header_bytes),
            "send fewer or shorter headers"};
    }
    if (ec == error::body_limit) {
        return {
            413, "body_too_large",
            fmt::format("the body of the request is longer than {} bytes", within.body_bytes),
            "send a smaller body"};
    }
    if (ec == error::bad_version) {
        return {
            505, "version_not_supported", "the request is not HTTP/1.0 or HTTP/1.1",
            "use HTTP/1.1"};
    }
    return bad_request("the request cannot be read: " + ec.message());
}

std::optional<http::refusal> request_reader::parser::judge_target() {
    auto parsed = parse_target(target_text);
    if (!parsed) {
        return http::refusal{
            400, "bad_target", "the path or query of the request cannot be read",
            "send a path without empty, '.' and '..' segments, percent-encoded as UTF-8"};
    }
    current.path = std::move(parsed->path);
    current.query = std::move(parsed->query);
    if (parsed->authority) {
        // RFC 9112, 3.2.2: the authority of an absolute target counts, not the Host header. How
        // many Host headers there are is still judged by the guard.
        const auto host =
            std::find_if(current.headers.begin(), current.headers.end(), [](const auto& header) {
                return header.first == "host";
            });
        if (host != current.headers.end()) {
            host->second = std::move(*parsed->authority);
        } else if (current.minor_version == 0) {
            current.headers.emplace_back("host", std::move(*parsed->authority));
        }
    }
    return std::nullopt;
}

std::optional<http::refusal> request_reader::parser::judge_encoding() const {
    for (const auto& [name, value] : current.headers) {
        if (name != "transfer-encoding") {
            continue;
        }
        // What Beast does not take for chunked it takes for no body at all, and would read the body
        // as the next request.
        if (!beast->chunked() || !equals_ignoring_case(trim(value), "chunked")) {
            return http::refusal{
                501, "encoding_not_supported",
                "the transfer encoding of the request is not 'chunked'", "send the body as it is"};
        }
        if (current.minor_version == 0) {
            return bad_request("an HTTP/1.0 request cannot be chunked");
        }
    }
    return std::nullopt;
}

std::optional<http::refusal> request_reader::parser::judge_head() {
    head_judged = true;
    if (auto refused = judge_target()) {
        return refused;
    }
    if (auto refused = judge_encoding()) {
        return refused;
    }
    const auto expectation = current.header("expect");
    if (!expectation || current.minor_version == 0) {
        return std::nullopt;
    }
    if (!equals_ignoring_case(*expectation, "100-continue")) {
        return http::refusal{
            417, "expectation_failed", "the only expectation known here is '100-continue'",
            "leave the Expect header out"};
    }
    expects_continue = !beast->is_done() && current.body.empty();
    return std::nullopt;
}

request_reader::request_reader(limits within, std::string peer, const departure* client)
    : parser_(std::make_unique<parser>(within, std::move(peer), client)) {
    start();
}

request_reader::~request_reader() = default;

void request_reader::start() {
    auto& p = *parser_;
    p.current.verb = method::get;
    p.current.minor_version = 1;
    p.current.path.clear();
    p.current.query.clear();
    p.current.headers.clear();
    p.current.body = {}; // gives a large body's memory back
    p.head_judged = false;
    p.expects_continue = false;
    p.beast.emplace(p.current, p.target_text);
    constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max();
    p.beast->header_limit(static_cast<std::uint32_t>(std::min(p.within.header_bytes, most)));
    p.beast->body_limit(p.within.body_bytes);
    p.beast->eager(true);
}

request_reader::step request_reader::feed(std::string_view bytes) {
    auto& p = *parser_;
    step done;
    if (!p.beast->got_some()) {
        // RFC 9112, 2.2: empty lines before a request are passed over.
        done.consumed = std::min(bytes.find_first_not_of("\r\n"), bytes.size());
        bytes.remove_prefix(done.consumed);
        if (bytes.empty()) {
            return done;
        }
    }
    error_code ec;
    done.consumed += p.beast->put(boost::asio::const_buffer(bytes.data(), bytes.size()), ec);
    if (ec && ec != beast::http::error::need_more) {
        done.now = p.refuse(p.explain(ec));
        return done;
    }
    if (p.beast->is_header_done() && !p.head_judged) {
        if (auto refused = p.judge_head()) {
            done.now = p.refuse(std::move(*refused));
            return done;
        }
    }
    done.now = p.beast->is_done() ? progress::complete : progress::more;
    return done;
}

bool request_reader::take_expectation() {
    return std::exchange(parser_->expects_continue, false);
}

bool request_reader::has_head() const {
    return parser_->head_judged;
}

bool request_reader::keep_alive() const {
    return parser_->beast->keep_alive();
}

const request& request_reader::value() const {
    return parser_->current;
}

request& request_reader::value() {
    return parser_->current;
}

const http::refusal& request_reader::refusal() const {
    return parser_->why;
}

} // namespace restpoint::http
