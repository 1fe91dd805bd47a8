// What makes two plans the same.
#include "restore/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace restpoint::restore {

std::string essence(const plan& made, std::string_view stanza) {
    auto acknowledged = made.asked.acknowledged;
    std::sort(acknowledged.begin(), acknowledged.end());
    std::string known;
    for (const auto why : acknowledged) {
        known += fmt::format(" {}", to_string(why));
    }
    // Lengths in front of what may hold line ends: no text can pass for another's next line.
    const auto counted = [](std::string_view text) {
        return fmt::format("{}:{}", text.size(), text);
    };
    return fmt::format(
        "restore 1\nstanza {}\nsystem {}\ntarget {} {}\ntimeline {}\nset {}\nrepo {}\nway {}\n"
        "data {}\ndevice {} inode {}\nacknowledged{}\nconfiguration {}\n",
        stanza, made.system_id.value_or(0), to_string(made.asked.to.kind),
        counted(value_text(made.asked.to)), made.timeline, made.set ? made.set->label : "",
        made.repo, made.how ? to_string(*made.how) : "",
        counted(made.where.data_directory.native()), made.where.device, made.where.inode, known,
        counted(made.where.configuration));
}

} // namespace restpoint::restore
