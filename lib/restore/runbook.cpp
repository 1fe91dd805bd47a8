#include "restore/runbook.hpp"

#include <utility>

namespace restpoint::restore {
namespace {

backrest::restore::type option_type(target_kind kind) {
    using type = backrest::restore::type;
    switch (kind) {
    case target_kind::time:
        return type::time;
    case target_kind::lsn:
        return type::lsn;
    case target_kind::xid:
        return type::xid;
    case target_kind::name:
        return type::name;
    case target_kind::immediate:
        return type::immediate;
    case target_kind::latest:
        break;
    }
    return type::latest;
}

} // namespace

backrest::restore command_of(const plan& made) {
    backrest::restore command;
    command.repo = static_cast<int>(made.repo);
    command.set = made.set.value_or(backrest::backup_info{}).label;
    command.to = option_type(made.asked.to.kind);
    command.target = option_text(made.asked.to);
    command.timeline = made.timeline;
    return command;
}

std::vector<std::string> runbook(
    const plan& made, const backrest::invocation& how, const std::filesystem::path& data) {
    if (!made.set || !made.can_be_carried_out()) {
        return {};
    }
    std::vector<std::string> lines{
        "# 1. as the user that owns the data directory; on a primary that still runs: "
        "psql -c 'select pg_switch_wal()', and wait until it is archived",
        "# 2. stop PostgreSQL, and make sure that no process has files open in its data directory"};
    if (data.empty()) {
        lines.emplace_back("# 3. move the data directory (pg1-path) aside, and make an empty one "
                           "with mode 0700");
    } else {
        const auto aside = data.native() + ".before-restore";
        lines.emplace_back("# 3. keep what there is");
        lines.push_back(backrest::to_shell({"mv", data.native(), aside}));
        lines.push_back(backrest::to_shell({"mkdir", "-m", "700", data.native()}));
    }
    lines.emplace_back("# 4. restore; tablespaces need --tablespace-map-all=EMPTY_DIRECTORY");
    lines.push_back(backrest::to_shell(backrest::to_argv(how, command_of(made))));
    lines.emplace_back(
        "# 5. bring back what was changed by hand: pg_hba.conf, pg_ident.conf, certificates");
    lines.emplace_back("# 6. start PostgreSQL; it is back when select pg_is_in_recovery() says f");
    lines.emplace_back("# 7. look at the data, then make a backup; only then remove what was moved "
                       "aside");
    return lines;
}

} // namespace restpoint::restore
