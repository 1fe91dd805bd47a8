#include "backrest/repo_listing.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace restpoint::backrest {

namespace json = boost::json;

result<std::vector<repo_entry>> parse_repo_listing(std::string_view text) {
    boost::system::error_code bad;
    const auto read = json::parse({text.data(), text.size()}, bad);
    const auto* const all = bad ? nullptr : read.if_object();
    if (all == nullptr) {
        return failure{errc::invalid, "what pgbackrest repo-ls said is not a list of files"};
    }
    std::vector<repo_entry> entries;
    for (const auto& [name, value] : *all) {
        const auto* const about = value.if_object();
        if (about == nullptr || name == ".") {
            continue;
        }
        repo_entry entry;
        entry.name = name;
        const auto* const type = about->if_contains("type");
        entry.is_folder = type != nullptr && *type == "path";
        const auto* const time = about->if_contains("time");
        entry.time = time != nullptr && time->is_int64() ? time->get_int64() : 0;
        entries.push_back(std::move(entry));
    }
    return entries;
}

} // namespace restpoint::backrest
