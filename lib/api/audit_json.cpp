#include "api/audit_json.hpp"

#include "api/json_text.hpp"
#include "api/json_values.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <utility>

namespace json = boost::json;

namespace restpoint::api {
namespace {

json::object to_object(const jobs::audit_record& what) {
    json::object o;
    o["id"] = json::string(std::to_string(what.id));
    o["at"] = text(rfc3339(what.at));
    o["who"] = text(what.entry.who);
    o["peer"] = text(what.entry.where);
    o["what"] = text(what.entry.what);
    o["outcome"] = text(what.entry.outcome);
    return o;
}

} // namespace

std::string audit_json(
    std::span<const jobs::audit_record> entries, std::optional<std::int64_t> next) {
    json::array list;
    for (const auto& one : entries) {
        list.push_back(to_object(one));
    }
    json::object answer;
    answer["entries"] = std::move(list);
    answer["next_cursor"] =
        next ? json::value(json::string(std::to_string(*next))) : json::value(nullptr);
    return to_text(answer);
}

} // namespace restpoint::api
