#include "own_report.hpp"

#include "base/file.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <string_view>

namespace json = boost::json;

namespace restpoint {
namespace {

std::filesystem::path report_beside(const std::filesystem::path& order) {
    return order.native() + ".report";
}

std::string text_in(const json::object& from, std::string_view name) {
    const auto* found = from.if_contains(name);
    return found != nullptr && found->is_string() ? std::string(found->get_string())
                                                  : std::string();
}

} // namespace

result<> write_own_report(
    const std::filesystem::path& order, const jobs::own_work::last_words& words) {
    json::object told;
    told["report"] = words.report;
    if (words.error) {
        told["name"] = words.error->name;
        told["message"] = words.error->message;
        told["hint"] = words.error->hint;
    }
    return write_file(report_beside(order), json::serialize(told));
}

jobs::own_work::last_words read_own_report(const std::filesystem::path& order) {
    jobs::own_work::last_words words;
    const auto text = read_file(report_beside(order));
    boost::system::error_code bad;
    const auto parsed = text ? json::parse(*text, bad) : json::value();
    if (bad || !parsed.is_object()) {
        return words;
    }
    const auto& told = parsed.get_object();
    words.report = text_in(told, "report");
    if (told.contains("message")) {
        words.error = backrest::command_error{
            .name = text_in(told, "name"),
            .message = text_in(told, "message"),
            .hint = text_in(told, "hint")};
    }
    return words;
}

} // namespace restpoint
