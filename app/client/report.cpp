#include "client/report.hpp"

#include "base/utf8.hpp"
#include "client/values.hpp"
#include "client/words.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace restpoint::client {

void print_failure(const failure& why) {
    fmt::print(stderr, "restpoint: {}\n", presentable(why.detail, why.detail.size()));
    if (!why.hint.empty()) {
        fmt::print(stderr, "  {}\n", presentable(why.hint, why.hint.size()));
    }
}

exit_code report_failure(const failure& why) {
    print_failure(why);
    return exit_code::unreachable;
}

exit_code report_refusal(const answer& said, verb what) {
    fmt::print(stderr, "{}", refusal(said.status, parse_problem(said.body), what));
    return exit_code::refused;
}

void print_json(std::string_view body) {
    fmt::print("{}{}", body, body.ends_with('\n') ? "" : "\n");
}

} // namespace restpoint::client
