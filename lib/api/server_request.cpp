#include "api/server_request.hpp"

#include "api/json_members.hpp"
#include "postgres/server_order.hpp"

#include <boost/json/object.hpp>

#include <array>
#include <utility>

namespace json = boost::json;

namespace restpoint::api {
namespace {

using postgres::server_errand;
using postgres::server_order;

result<> take_mode(server_order& order, const json::value& value) {
    const auto mode = value.is_string() ? postgres::parse_stop_mode(value.get_string())
                                        : postgres::parse_stop_mode("");
    if (!mode) {
        return bad_member("mode", "is no mode of a stop", mode.error().hint);
    }
    order.mode = *mode;
    return {};
}

constexpr std::array<json_member<server_order>, 1> members{{{"mode", take_mode}}};

server_errand errand_of(jobs::job_kind kind) {
    if (kind == jobs::job_kind::postgres_start) {
        return server_errand::start;
    }
    return kind == jobs::job_kind::postgres_stop ? server_errand::stop : server_errand::restart;
}

} // namespace

result<jobs::job_spec> parse_server_request(
    jobs::job_kind kind, const http::request& asked, std::string stanza) {
    if (!asked.query.empty()) {
        return failure{
            errc::invalid, "this takes no parameter in its address",
            R"(a mode stands in the body: {"mode": "fast"})"};
    }
    const bool starts = kind == jobs::job_kind::postgres_start;
    const auto given = parse_object(asked.body, starts ? "{}" : R"({"mode": "fast"})");
    if (!given) {
        return given.error();
    }
    server_order order{.what = errand_of(kind)};
    const auto allowed = std::span(members).first(starts ? 0 : members.size());
    if (auto taken = take_members<server_order>(order, allowed, *given); !taken) {
        return taken.error();
    }
    jobs::job_spec what;
    what.kind = kind;
    what.stanza = std::move(stanza);
    what.order = to_json(order);
    return what;
}

} // namespace restpoint::api
