#include "http/conditional.hpp"

#include "http/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace restpoint::http {
namespace {

/// Whether a list of entity tags names `opaque`, a tag with its quotes. A comma may stand inside of
/// the quotes. What comes behind something that is no tag is not looked at.
bool names(std::string_view list, std::string_view opaque) {
    for (;;) {
        list.remove_prefix(std::min(list.find_first_not_of(" \t,"), list.size()));
        if (list.starts_with("W/")) {
            list.remove_prefix(2);
        }
        const auto end = list.starts_with('"') ? list.find('"', 1) : list.npos;
        if (end == list.npos) {
            return false;
        }
        if (list.substr(0, end + 1) == opaque) {
            return true;
        }
        list.remove_prefix(end + 1);
    }
}

} // namespace

std::string entity_tag(std::string_view bytes) {
    // libstdc++'s is MurmurHash2 with a fixed seed: eight bytes a step, where a cryptographic sum
    // would cost more than making the answer.
    return fmt::format("\"{:016x}-{:x}\"", std::hash<std::string_view>{}(bytes), bytes.size());
}

bool has_already(const request& asked, std::string_view tag) {
    return std::ranges::any_of(asked.headers, [&](const auto& header) {
        return header.first == "if-none-match" &&
               (trim(header.second) == "*" || names(header.second, tag));
    });
}

response conditional(response what, const request& asked) {
    const bool reads = asked.verb == method::get || asked.verb == method::head;
    if (!reads || what.status != 200) {
        return what;
    }
    auto tag = entity_tag(what.body);
    if (has_already(asked, tag)) {
        what.status = 304;
        what.body.clear();
    }
    what.headers.emplace_back("ETag", std::move(tag));
    what.headers.emplace_back("Cache-Control", "private, no-cache");
    return what;
}

} // namespace restpoint::http
