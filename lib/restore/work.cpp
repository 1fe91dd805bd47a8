#include "restore/work.hpp"

#include "base/file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace fs = std::filesystem;

namespace restpoint::restore {

work::work(order what, work_options how, journal& notes, fs::path root)
    : order_(std::move(what)),
      how_(std::move(how)),
      notes_(notes),
      root_(std::move(root)),
      folder_{root_ / order_.folder},
      control_(postgres::make_control(how_.control)) {}

result<> work::take(step which) {
    switch (which) {
    case step::prepare:
        return prepare();
    case step::restore:
        return restore_files();
    case step::configure:
        return configure();
    case step::replay:
        return replay();
    case step::prove:
        return prove();
    case step::stop:
        return stop_old();
    case step::settle:
        return settle();
    case step::keep:
        return keep();
    case step::swap:
        return swap();
    case step::start:
        return start_new();
    case step::release:
    case step::release_old:
        return release();
    case step::finish:
        return finish();
    case step::halt:
        return halt();
    case step::swap_back:
        return swap_back();
    case step::put_back:
        return put_back();
    case step::start_old:
        return start_old();
    case step::discard:
        return discard();
    case step::discard_kept:
        return discard_kept();
    }
    // uncovered: every value has its case
    return failure{errc::internal, "a step that nobody takes"};
}

bool work::may_have_been_promoted() const {
    std::error_code bad;
    for (auto it = fs::directory_iterator(order_.data / "pg_wal", bad);
         !bad && it != fs::directory_iterator(); it.increment(bad)) {
        const auto& name = it->path();
        const auto timeline = name.extension() == ".history"
                                  ? backrest::parse_timeline(name.stem().native())
                                  : std::nullopt;
        if (timeline && *timeline > order_.timeline) {
            return true;
        }
    }
    return bool(bad); // what cannot be seen may be there
}

fs::path work::successor() const {
    if (in_place()) {
        return order_.data;
    }
    return brings_back() ? earlier().previous() : folder_.fresh();
}

fs::path work::settings_source() const {
    if (!in_place()) {
        return order_.data;
    }
    return order_.what == errand::undo ? earlier().configuration() : folder_.configuration();
}

recovery work::recovery_of(at_the_end then, const fs::path& data) const {
    recovery how;
    how.to = order_.to;
    how.timeline = order_.timeline;
    how.repo = order_.repo;
    how.then = then;
    how.data = data;
    how.hold_archiving = then == at_the_end::pause || order_.start;
    const auto& text = order_.version;
    std::from_chars(text.data(), text.data() + text.size(), how.version);
    return how;
}

std::vector<outside_move> work::outside_moves() const {
    std::vector<outside_move> moves;
    constexpr std::string_view name = "outside ";
    for (const auto& one : so_far().entries) {
        if (one.word != entry_word::note || !one.rest.starts_with(name)) {
            continue;
        }
        const auto rest = std::string_view(one.rest).substr(name.size());
        const auto blank = rest.find(' ');
        outside_move move;
        move.where = {std::string(rest.substr(0, blank)), fs::path(rest.substr(blank + 1))};
        const auto beside = [&](std::string_view what, std::string_view job) {
            return fs::path(fmt::format("{}.{}-{}", move.where.location.native(), what, job));
        };
        move.fresh =
            brings_back() ? beside("previous", order_.of) : beside("restpoint", order_.folder);
        move.aside = beside("previous", order_.folder);
        moves.push_back(std::move(move));
    }
    return moves;
}

fs::path work::bin_dir() const {
    if (!how_.bin_dir.empty()) {
        return how_.bin_dir;
    }
    return fs::path("/usr/lib/postgresql") / order_.version / "bin";
}

bool work::server_was_running() const {
    return so_far().noted("server") == "running";
}

result<> work::note(std::string_view name, std::string_view value) {
    return notes_.write({entry_word::note, fmt::format("{} {}", name, value)});
}

std::vector<std::string> work::notes_of(std::string_view name) const {
    return so_far().all_noted(name);
}

result<> work::note_of_many(std::string_view name, std::string_view value) {
    const auto before = notes_of(name);
    const bool is_noted = std::find(before.begin(), before.end(), value) != before.end();
    return is_noted ? result<>{} : note(name, value);
}

result<> work::note_once(std::string_view name, std::string_view value) {
    return so_far().noted(name) ? result<>{} : note(name, value);
}

} // namespace restpoint::restore
