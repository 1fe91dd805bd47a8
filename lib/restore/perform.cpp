#include "restore/perform.hpp"

#include "base/file.hpp"
#include "restore/child.hpp"
#include "restore/journal.hpp"
#include "restore/narration.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

namespace fs = std::filesystem;
namespace json = boost::json;

namespace restpoint::restore {
namespace {

constexpr int first_pause = 500; ///< milliseconds
constexpr int longest_pause = 15'000;

constexpr std::string_view cancelled = "cancelled";

std::string_view words_of(step which) {
    switch (which) {
    case step::prepare:
        return "looking again at all that the plan went by";
    case step::restore:
        return "pgBackRest brings the files";
    case step::configure:
        return "configuration of the live cluster comes along";
    case step::replay:
        return "a private server replays to the target";
    case step::prove:
        return "is it what the plan says?";
    case step::stop:
        return "the server is stopped";
    case step::settle:
        return "waiting until nobody has its files open";
    case step::keep:
        return "keeping what the repo lacks";
    case step::swap:
        return "the directories change places";
    case step::start:
        return "the restored cluster is started";
    case step::release:
        return "archiving, until the repo has the new timeline";
    case step::finish:
        return "committed";
    case step::halt:
        return "back: stopping what runs on the restored files";
    case step::swap_back:
        return "back: the directories change places again";
    case step::put_back:
        return "back: the old timeline is restored to its end";
    case step::start_old:
        return "back: the old cluster is started";
    case step::release_old:
        return "back: archiving goes on";
    case step::discard:
        return "back: the restored files are removed";
    case step::discard_kept:
        return "removing what an undo would have needed";
    }
    return "";
}

/// A failure as a line of the journal, and back.
std::string line_of(const failure& why) {
    auto text = fmt::format("{}\t{}\t{}", to_string(why.code), why.detail, why.hint);
    std::replace(text.begin(), text.end(), '\n', ' ');
    std::replace(text.begin(), text.end(), '\0', ' ');
    constexpr std::size_t longest = 2000;
    return text.substr(0, longest);
}

failure failure_of(std::string_view line) {
    failure why{errc::unavailable, std::string(line)};
    const auto first = line.find('\t');
    const auto second = first == line.npos ? first : line.find('\t', first + 1);
    if (second != line.npos) {
        why.detail = line.substr(first + 1, second - first - 1);
        why.hint = line.substr(second + 1);
    }
    return why;
}

class machine {
  public:
    machine(const order& what, work_options how, journal& notes, fs::path root, wish asked)
        : order_(what),
          notes_(notes),
          asked_(asked),
          work_(what, std::move(how), notes, std::move(root)) {}

    /// None when the way is at its end; why when it was told to stop.
    [[nodiscard]] std::optional<failure> go() {
        while (const auto next = next_step(order_.what, order_.how, so_far())) {
            if (stop_is_wanted()) {
                return failure{errc::unavailable, "told to stop"};
            }
            if (asked_ == wish::turn_back &&
                turn_back(failure{errc::conflict, std::string(cancelled)})) {
                continue;
            }
            if (auto taken = take(*next); !taken) {
                return taken.error();
            }
        }
        const auto* const word = so_far().turned_back() ? "rolled_back" : "committed";
        if (!so_far().done()) {
            if (auto written = notes_.write({entry_word::done, word}); !written) {
                return written.error();
            }
        }
        return std::nullopt;
    }

  private:
    [[nodiscard]] const history& so_far() const { return notes_.content().steps; }

    /// Fails only when the journal cannot be written, or when it was told to stop.
    [[nodiscard]] result<> take(step which) {
        if (!so_far().began(which)) {
            if (auto written = notes_.write({entry_word::begin, std::string(to_string(which))});
                !written) {
                return written;
            }
        }
        say_step(to_string(which), words_of(which));
        for (int pause = first_pause;; pause = std::min(pause * 2, longest_pause)) {
            const auto done = work_.take(which);
            if (done) {
                return notes_.write({entry_word::end, std::string(to_string(which))});
            }
            if (stop_is_wanted()) {
                return done;
            }
            say(tone::error,
                done.error().detail + (done.error().hint.empty() ? "" : "; " + done.error().hint));
            if (turn_back(done.error())) {
                return {};
            }
            say(tone::warn, fmt::format("trying {} again until it works", to_string(which)));
            if (!wait_a_moment(pause)) {
                return done;
            }
        }
    }

    /// False when there is no way back from here.
    bool turn_back(const failure& why) {
        const auto allowed = can_turn_back(order_.what, so_far());
        const bool may = allowed == retreat::possible ||
                         (allowed == retreat::unless_promoted && !work_.may_have_been_promoted());
        if (!may) {
            return false;
        }
        say(tone::warn, "turning back: " + why.detail);
        return bool(notes_.write({entry_word::back, line_of(why)}));
    }

    const order& order_;
    journal& notes_;
    wish asked_;
    work work_;
};

json::value text_or_null(const std::optional<std::string>& text) {
    return text ? json::value(json::string(*text)) : json::value(nullptr);
}

json::value downtime_of(const history& steps) {
    const auto number = [&](std::string_view name) {
        std::int64_t value = 0;
        const auto text = steps.noted(name).value_or("");
        std::from_chars(text.data(), text.data() + text.size(), value);
        return value;
    };
    const auto down = number("down_since");
    const auto up = number("up_since");
    return down != 0 && up >= down ? json::value(up - down) : json::value(nullptr);
}

/// Whether it can stand in a path for a folder of its own.
bool is_folder_name(std::string_view name) {
    return !name.empty() && name != "." && name != ".." && name.find('/') == name.npos &&
           name.find('\0') == name.npos;
}

/// What an order leads into: everything that is removed lies below the folders that it names.
result<> check_folders(const order& what, const fs::path& root) {
    if (!what.data.is_absolute() || !is_folder_name(what.folder)) {
        return failure{errc::invalid, "the order names no data directory or no folder"};
    }
    if (what.what == errand::restore) {
        return {};
    }
    if (!is_folder_name(what.of) || what.of == what.folder) {
        return failure{errc::invalid, "the order does not name the restore that it is about"};
    }
    const auto earlier = journal::read(root / what.of);
    const bool is_gone = !earlier && earlier.error().code == errc::not_found;
    if ((!earlier && !is_gone) || (earlier && !earlier->steps.done())) {
        return failure{
            errc::conflict,
            fmt::format("the restore in '{}' is not at its end", (root / what.of).native()),
            "what it keeps may be the only copy of the data"};
    }
    return {};
}

/// Whether work may have been done by a journal: one that cannot be read is not one that is missing.
bool may_be_begun(const fs::path& folder) {
    std::error_code bad;
    return fs::symlink_status(folder / "journal", bad).type() != fs::file_type::not_found;
}

result<journal> open_journal(const order& what, const fs::path& root) {
    if (auto checked = check_folders(what, root); !checked) {
        return checked.error();
    }
    const auto folder = root / what.folder;
    for (const auto& one : {root, folder}) {
        if (::mkdir(one.c_str(), 0700) != 0 && errno != EEXIST) {
            return system_failure(fmt::format("cannot make '{}'", one.native()), errno);
        }
        if (auto synced = sync_folder(one.parent_path()); !synced) {
            return synced.error();
        }
    }
    return journal::open(folder, to_json(what));
}

} // namespace

std::string report_of(const order& what, const history& steps) {
    json::object told;
    const bool committed = steps.done() == "committed";
    told["outcome"] = text_or_null(steps.done());
    told["errand"] = to_string(what.what);
    told["of"] = what.of.empty() ? json::value(nullptr) : json::value(json::string(what.of));
    told["way"] = to_string(what.how);
    told["set"] = what.set;
    told["repo"] = what.repo;
    told["target"] =
        json::object{{"type", to_string(what.to.kind)}, {"value", value_text(what.to)}};
    told["timeline"] = what.timeline;
    const auto timeline = steps.noted("new_timeline");
    told["new_timeline"] = timeline ? json::value(std::stoll(*timeline)) : json::value(nullptr);
    told["lsn"] = text_or_null(steps.noted("lsn"));
    told["last_commit"] = text_or_null(steps.noted("last_commit"));
    told["bytes"] = what.bytes;
    told["downtime_ms"] = downtime_of(steps);
    told["can_be_undone"] = committed && what.what == errand::restore;
    const auto folder = work_root(what.data) / what.folder;
    told["previous"] =
        committed && what.what != errand::forget
            ? json::value((what.how == way::in_place ? folder : folder / "previous").native())
            : json::value(nullptr);
    return json::serialize(told);
}

performance perform(const order& what, work_options how, wish asked) {
    catch_stop();
    performance told;
    const auto root = work_root(what.data);
    const auto folder = root / what.folder;
    auto notes = open_journal(what, root);
    if (!notes) {
        told.why = notes.error();
        told.how = may_be_begun(folder) ? ending::open : ending::rolled_back;
        return told;
    }
    told.why = machine(what, std::move(how), *notes, root, asked).go();
    const auto& steps = notes->content().steps;
    told.report = report_of(what, steps);
    if (told.why) {
        told.how = ending::open;
        return told;
    }
    told.how = ending::committed;
    if (const auto back = steps.turned_back()) {
        told.why = failure_of(*back);
        told.how = told.why->detail == cancelled ? ending::cancelled : ending::rolled_back;
    }
    return told;
}

bool is_open(const order& what) {
    const auto content = journal::read(work_root(what.data) / what.folder);
    return content && !content->steps.done();
}

bool is_settled(const order& what) {
    const auto content = journal::read(work_root(what.data) / what.folder);
    return content && content->steps.done().has_value();
}

} // namespace restpoint::restore
