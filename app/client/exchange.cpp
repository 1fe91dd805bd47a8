#include "client/exchange.hpp"

#include "client/connection.hpp"
#include "client/response_reader.hpp"

#include <chrono>

namespace restpoint::client {
namespace {

using namespace std::chrono_literals;

constexpr auto to_connect = 10s;
/// `pgbackrest info` over an object store takes its time.
constexpr auto to_answer = 120s;

} // namespace

result<answer> exchange(
    const door& to, const http_request& what, const std::function<void(std::string_view)>& sink) {
    auto opened = connection::open(to.where, to_connect);
    if (!opened) {
        return opened.error();
    }
    if (const auto sent = opened->send(to_text(what, to.where, to.token), to_connect); !sent) {
        return sent.error();
    }
    response_reader reader;
    answer made;
    while (!reader.complete()) {
        std::string bytes;
        const auto heard = opened->hear(bytes, -1, to_answer);
        if (!heard) {
            return heard.error();
        }
        if (*heard == connection::heard::silence) {
            return failure{errc::unavailable, "the service does not answer", "is it overloaded?"};
        }
        if (*heard == connection::heard::closed) {
            if (const auto ended = reader.end(); !ended) {
                return ended.error();
            }
            break;
        }
        const auto body = reader.take(bytes);
        if (!body) {
            return body.error();
        }
        made.status = reader.status();
        if (sink && made.good()) {
            sink(*body);
        } else {
            made.body += *body;
        }
    }
    return made;
}

} // namespace restpoint::client
