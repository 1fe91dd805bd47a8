// What makes text from outside harmless: for a page, for JSON, for a terminal.
#include "base/escape_html.hpp"
#include "base/utf8.hpp"
#include "support/fuzz.hpp"

#include <array>
#include <utility>

namespace {

std::string unescape_html(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, char>, 5> entities{
        {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}}};
    std::string out;
    while (!text.empty()) {
        const auto* const entity = std::ranges::find_if(
            entities, [&](const auto& known) { return text.starts_with(known.first); });
        demand(text.front() != '&' || entity != entities.end(), "an ampersand begins an entity");
        out += entity == entities.end() ? text.front() : entity->second;
        text.remove_prefix(entity == entities.end() ? 1 : entity->first.size());
    }
    return out;
}

/// What append_html() shows, without its entities.
std::string shown(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto size = restpoint::utf8_sequence(text);
        const bool good = size != 0 && (text.front() == '\n' || text.front() == '\t' ||
                                        !restpoint::starts_with_control(text));
        out += good ? text.substr(0, size) : restpoint::replacement_character;
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return out;
}

} // namespace

void probe(std::string_view input) {
    dispenser from(input);
    const std::size_t limit = from.byte();
    const auto text = from.rest();

    const auto html = restpoint::escape_html(text);
    demand(html.find_first_of("<>\"'") == html.npos, "escaped text holds no markup");
    demand(is_utf8(html), "escaped text is UTF-8");
    demand(unescape_html(html) == shown(text), "escaping keeps the text");

    const auto half = restpoint::whole_characters(text.substr(0, text.size() / 2));
    demand(
        restpoint::escape_html(text.substr(0, half)) + restpoint::escape_html(text.substr(half)) ==
            html,
        "pieces are escaped as the whole is");

    const auto scrubbed = restpoint::scrub_utf8(text);
    demand(is_utf8(scrubbed), "scrubbed text is UTF-8");
    demand(restpoint::scrub_utf8(scrubbed) == scrubbed, "scrubbing twice changes nothing");
    demand((scrubbed == text) == is_utf8(text), "scrubbing changes only what is not UTF-8");

    const auto plain = restpoint::presentable(text, limit);
    demand(plain.size() <= limit, "a limit holds");
    demand(is_utf8(plain) && !has_control(plain, "\n\t"), "what is presentable can be shown");
    demand(restpoint::presentable(plain, limit) == plain, "and stays as it is");
}
