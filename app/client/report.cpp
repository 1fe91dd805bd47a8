#include "client/report.hpp"

#include "client/values.hpp"
#include "client/words.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace restpoint::client {

void print_failure(const failure& why) {
    fmt::print(stderr, "restpoint: {}\n", why.detail);
    if (!why.hint.empty()) {
        fmt::print(stderr, "  {}\n", why.hint);
    }
}

exit_code report_failure(const failure& why) {
    print_failure(why);
    return exit_code::unreachable;
}

exit_code report_refusal(const answer& said) {
    fmt::print(stderr, "{}", refusal(said.status, parse_problem(said.body)));
    return exit_code::refused;
}

void print_json(std::string_view body) {
    fmt::print("{}{}", body, body.ends_with('\n') ? "" : "\n");
}

} // namespace restpoint::client
