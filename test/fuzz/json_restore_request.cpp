// The bodies of POSTs that plan, start and undo restores, and the orders that are made of them. What is
// taken names one target and one stanza, and becomes whole arguments of pgBackRest.
#include "api/restore_plan_json.hpp"
#include "api/restore_request.hpp"
#include "backrest/command.hpp"
#include "restore/order.hpp"
#include "restore/recovery_settings.hpp"
#include "restore/runbook.hpp"
#include "support/fuzz.hpp"

namespace api = restpoint::api;
namespace backrest = restpoint::backrest;
namespace restore = restpoint::restore;

namespace {

template <class Value>
bool is_refused(const restpoint::result<Value>& read) {
    if (read) {
        return false;
    }
    demand(read.error().code == restpoint::errc::invalid, "what cannot be is invalid");
    demand_readable(read.error());
    return true;
}

void check_target(const restore::target& to) {
    const auto again = restore::make_target(to.kind, restore::value_text(to));
    demand(again && *again == to, "a target is the same when it is read again");
    demand(!has_control(restore::option_text(to)), "a target is text on one line");
    for (const auto then : {restore::at_the_end::pause, restore::at_the_end::promote}) {
        restore::recovery how;
        how.to = to;
        how.then = then;
        how.data = "/pg/data";
        const auto lines = restore::recovery_lines({}, how);
        for (const auto& line : lines) {
            demand(line.find('\n') == line.npos, "a setting is one line");
        }
        const std::string live = "work_mem = '1MB'\n";
        demand(
            restore::without_recovery(restore::with_recovery(live, lines)) == live,
            "what was set is taken out again");
    }
}

void check_plan(std::string_view input) {
    const auto asked = api::parse_plan_request(input);
    if (is_refused(asked)) {
        return;
    }
    demand(!asked->repo || (*asked->repo >= 1 && *asked->repo <= 256), "a repo is a number");
    for (const auto why : asked->acknowledged) {
        demand(restore::can_be_acknowledged(why), "nothing else is acknowledged");
    }
    check_target(asked->to);
    restore::plan made;
    made.asked = *asked;
    made.set.emplace().label = asked->set.value_or("20261122-064250F");
    const auto argv = backrest::to_argv({}, restore::command_of(made));
    for (std::size_t i = 1; i + 1 < argv.size(); ++i) {
        demand(argv[i].starts_with("--"), "every argument is an option");
        demand(!has_control(argv[i]), "an argument is text on one line");
    }
}

void check_order(std::string_view input) {
    const auto order = restore::parse_order(input);
    if (is_refused(order)) {
        return;
    }
    const auto again = restore::parse_order(restore::to_json(*order));
    demand(again && *again == *order, "an order is the same when it is read again");
}

} // namespace

void probe(std::string_view input) {
    check_plan(input);
    check_order(input);
    const auto restore = api::parse_restore_request(input, "main");
    if (!is_refused(restore)) {
        demand(!restore->plan.empty() && !restore->digest.empty(), "a restore names its plan");
    }
    const auto undo = api::parse_confirmation(input, "main");
    if (!is_refused(undo)) {
        demand(input.find("main") != input.npos, "an undo names the stanza");
    }
}
