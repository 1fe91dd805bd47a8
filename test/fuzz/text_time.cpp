// RFC 3339: a time that is taken is written in one way, and read again.
#include "base/time_text.hpp"
#include "support/fuzz.hpp"

void probe(std::string_view input) {
    using std::chrono::milliseconds;
    const auto parsed = restpoint::parse_rfc3339(input);
    if (!parsed) {
        return;
    }
    const auto text = restpoint::rfc3339(*parsed);
    demand(text.size() == 24 && text.ends_with('Z'), "a time has one form");
    const auto again = restpoint::parse_rfc3339(text);
    demand(again.has_value(), "a time can be read again");
    demand(
        std::chrono::floor<milliseconds>(*again) == std::chrono::floor<milliseconds>(*parsed),
        "and is the same, to the millisecond");
    demand(restpoint::rfc3339(*again) == text, "and is written the same");
}
