#include "api/json_text.hpp"

#include <boost/json/serialize.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string_view>

namespace json = boost::json;

namespace restpoint::api {
namespace {

void append(std::string& out, const json::value& value);

/// Most strings stand for themselves, and a serialiser of its own for each costs more than they do.
void append_text(std::string& out, std::string_view text) {
    const auto is_plain = [](char c) {
        return static_cast<unsigned char>(c) >= 0x20U && c != '"' && c != '\\';
    };
    if (!std::all_of(text.begin(), text.end(), is_plain)) {
        out += json::serialize(json::string(text));
        return;
    }
    out += '"';
    out += text;
    out += '"';
}

void append_number(std::string& out, const fmt::format_int& number) {
    out.append(number.data(), number.size());
}

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
    case json::kind::null:
        out += "null";
        break;
    case json::kind::bool_:
        out += value.get_bool() ? "true" : "false";
        break;
    case json::kind::int64:
        append_number(out, fmt::format_int(value.get_int64()));
        break;
    case json::kind::uint64:
        append_number(out, fmt::format_int(value.get_uint64()));
        break;
    case json::kind::double_: {
        const double number = value.get_double();
        out += std::isfinite(number) ? fmt::format("{}", number) : "null";
        break;
    }
    case json::kind::string:
        append_text(out, value.get_string());
        break;
    case json::kind::array:
        append_list(out, '[', ']', value.get_array(), [&](const auto& item) { append(out, item); });
        break;
    case json::kind::object:
        append_list(out, '{', '}', value.get_object(), [&](const auto& member) {
            append_text(out, member.key());
            out += ':';
            append(out, member.value());
        });
        break;
    }
}

} // namespace

std::string to_text(const json::value& value) {
    std::string out;
    append(out, value);
    return out;
}

} // namespace restpoint::api
