#include "restore/kept_restores.hpp"

#include "base/file.hpp"
#include "restore/directories.hpp"
#include "restore/journal.hpp"
#include "restore/recovery_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace fs = std::filesystem;

namespace restpoint::restore {
namespace {

/// What a folder of work says; fails with why it says nothing that can be gone by.
result<kept_restore> restore_in(const fs::path& folder, const fs::path& data) {
    const auto content = journal::read(folder);
    if (!content) {
        return content.error();
    }
    auto what = parse_order(content->order);
    if (!what) {
        return what.error();
    }
    if (what->folder != folder.filename()) {
        return failure{
            errc::conflict, fmt::format("its journal is of the folder '{}'", what->folder)};
    }
    std::error_code none;
    if (what->data != data && !fs::equivalent(what->data, data, none)) {
        return failure{
            errc::conflict,
            fmt::format("its journal is of the data directory '{}'", what->data.native())};
    }
    return kept_restore{std::move(*what), content->steps, folder};
}

/// A folder is made before its journal: one without is strange only where work was done in it.
bool holds_work(const fs::path& folder) {
    constexpr std::array<std::string_view, 4> names{"journal", "previous", "configuration", "wal"};
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
        std::error_code none;
        return fs::symlink_status(folder / name, none).type() != fs::file_type::not_found;
    });
}

struct found_restores {
    std::vector<kept_restore> known = {};
    std::vector<strange_restore> strange = {};
};

found_restores look_at(const fs::path& data) {
    found_restores found;
    std::error_code bad;
    for (auto it = fs::directory_iterator(work_root(data), bad);
         !bad && it != fs::directory_iterator(); it.increment(bad)) {
        auto one = restore_in(it->path(), data);
        if (one) {
            found.known.push_back(std::move(*one));
        } else if (holds_work(it->path())) {
            found.strange.push_back({it->path(), one.error().detail});
        }
    }
    std::sort(found.known.begin(), found.known.end(), [](const auto& a, const auto& b) {
        return a.what.folder < b.what.folder;
    });
    return found;
}

std::vector<kept_restore> restores_in(const fs::path& data) {
    return look_at(data).known;
}

} // namespace

std::vector<kept_restore> kept_restores(const fs::path& data) {
    auto found = restores_in(data);
    std::erase_if(found, [&](const kept_restore& one) {
        return one.steps.done() != "committed" || one.what.what == errand::forget;
    });
    return found;
}

std::vector<kept_restore> turned_back_restores(const fs::path& data) {
    auto found = restores_in(data);
    std::erase_if(found, [](const kept_restore& one) {
        const auto done = one.steps.done();
        return !done || (*done == "committed" && one.what.what != errand::forget);
    });
    return found;
}

result<> take_out_settings(const kept_restore& of) {
    const auto& data = of.what.data;
    std::error_code none;
    if (of.what.start || fs::exists(data / "recovery.signal", none)) {
        return {};
    }
    const auto file = data / "postgresql.auto.conf";
    const auto settings = read_file(file);
    if (!settings) {
        return settings.error();
    }
    const auto without = without_recovery(*settings, of.steps.all_noted("set"));
    return without == *settings ? result<>{} : write_file(file, without);
}

std::vector<strange_restore> strange_restores(const fs::path& data) {
    return look_at(data).strange;
}

std::vector<kept_restore> open_restores(const fs::path& data) {
    auto found = restores_in(data);
    std::erase_if(found, [](const kept_restore& one) { return one.steps.done().has_value(); });
    return found;
}

} // namespace restpoint::restore
