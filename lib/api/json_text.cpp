#include "api/json_text.hpp"

#include <boost/json/serialize.hpp>

#include <fmt/format.h>

#include <cmath>
#include <iterator>

namespace json = boost::json;

namespace restpoint::api {
namespace {

void append(std::string& out, const json::value& value);

template <class Members, class Each>
void append_list(std::string& out, char open, char close, const Members& members, Each each) {
    out += open;
    bool first = true;
    for (const auto& member : members) {
        if (!first) {
            out += ',';
        }
        first = false;
        each(member);
    }
    out += close;
}

void append(std::string& out, const json::value& value) {
    switch (value.kind()) {
    case json::kind::double_: {
        const double number = value.get_double();
        out += std::isfinite(number) ? fmt::format("{}", number) : "null";
        break;
    }
    case json::kind::array:
        append_list(out, '[', ']', value.get_array(), [&](const auto& item) { append(out, item); });
        break;
    case json::kind::object:
        append_list(out, '{', '}', value.get_object(), [&](const auto& member) {
            out += json::serialize(json::string(member.key()));
            out += ':';
            append(out, member.value());
        });
        break;
    default:
        out += json::serialize(value);
    }
}

} // namespace

std::string to_text(const json::value& value) {
    std::string out;
    append(out, value);
    return out;
}

} // namespace restpoint::api
