// The journal of a restore, whatever has become of it. What is read is what was written, up to where a
// crash cut it off; and which step comes next can be said of all of it.
#include "restore/journal.hpp"
#include "restore/order.hpp"
#include "support/fuzz.hpp"

namespace restore = restpoint::restore;

namespace {

std::string written_again(const restore::journal_content& read) {
    auto text = read.order + '\n';
    for (std::size_t i = 0; i < read.steps.entries.size(); ++i) {
        text += restore::journal_line(i + 1, read.steps.entries[i]);
    }
    return text;
}

void check_route(const restore::history& steps) {
    for (const auto what :
         {restore::errand::restore, restore::errand::undo, restore::errand::forget}) {
        for (const auto how : {restore::way::beside, restore::way::in_place}) {
            const auto next = restore::next_step(what, how, steps);
            demand(!next || !steps.ended(*next), "what is done is not done again");
            (void)restore::can_turn_back(what, steps);
        }
    }
}

} // namespace

void probe(std::string_view input) {
    const auto read = restore::parse_journal(input);
    if (!read) {
        demand(read.error().code == restpoint::errc::invalid, "what is no journal is invalid");
        demand_readable(read.error());
        return;
    }
    demand(read->end <= input.size(), "the end lies in it");
    const auto again = restore::parse_journal(written_again(*read));
    demand(again && again->steps.entries == read->steps.entries, "the same when written again");
    demand(again->order == read->order, "and of the same order");
    check_route(read->steps);

    // Cut off anywhere, it is the beginning of what it was.
    const auto half = restore::parse_journal(input.substr(0, input.size() / 2));
    if (half) {
        demand(half->steps.entries.size() <= read->steps.entries.size(), "less is not more");
    }
}
