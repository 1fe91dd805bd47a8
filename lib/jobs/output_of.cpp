#include "jobs/output_of.hpp"

#include "backrest/exit_code.hpp"
#include "backrest/repo_trouble.hpp"

#include <fmt/format.h>

#include <utility>

namespace restpoint::jobs {

result<std::string> output_of(std::string_view command, result<process::captured> ended) {
    if (!ended) {
        return ended.error();
    }
    if (ended->exit_code == 0) {
        return std::move(ended->out);
    }
    if (ended->signal) {
        return failure{
            errc::unavailable,
            fmt::format("pgbackrest {} was ended by signal {}", command, *ended->signal),
            "look into the kernel's log: memory may have run out"};
    }
    constexpr int unheard_of = 125;
    const auto code = ended->exit_code.value_or(unheard_of);
    const auto meaning = backrest::explain_exit(code);
    auto said = ended->err.empty() ? std::move(ended->out) : std::move(ended->err);
    while (!said.empty() && said.back() == '\n') {
        said.pop_back();
    }
    if (said.empty()) {
        said = fmt::format("[{:03}]: {}", code, meaning.meaning);
    }
    const auto known = backrest::trouble_hint(said);
    return failure{
        errc::unavailable,
        fmt::format("pgbackrest {} failed: {}", command, backrest::in_brief(said)),
        std::string(known.empty() ? meaning.hint : known)};
}

} // namespace restpoint::jobs
