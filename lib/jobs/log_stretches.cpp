#include "jobs/log_stretches.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <string_view>

namespace restpoint::jobs {

namespace {

/// How far back a reader that begins in the middle looks for the entry its first lines belong to.
constexpr std::uint64_t look_back = 16U << 10U;
constexpr std::size_t bookkeeping = 512; ///< of an entry in the cache, about

boost::system::result<std::string> read_range(
    const log_file& file, std::uint64_t begin, std::uint64_t end, reading how) {
    std::string bytes(static_cast<std::size_t>(end - begin), '\0');
    const auto n = file.read(begin, bytes, how);
    if (!n) {
        return n.error();
    }
    bytes.resize(*n);
    return bytes;
}

boost::system::result<render_state> state_before(
    const log_file& file, const stretch_key& key, reading how) {
    render_state found;
    if (key.how.form == markup::raw || key.begin == 0) {
        return found;
    }
    const auto from = key.begin - std::min(key.begin, look_back);
    auto before = read_range(file, from, key.begin, how);
    if (!before) {
        return before.error();
    }
    if (from == 0) {
        before->insert(before->begin(), '\n'); // its first line is whole
    }
    if (!find_state(key.how, *before, found)) {
        found = {};
    }
    return found;
}

/// How much of `bytes` can be rendered now; the rest waits for more.
std::size_t cut(std::string_view bytes, bool full) {
    if (const auto last = bytes.rfind('\n'); last != std::string_view::npos) {
        return last + 1;
    }
    return full ? whole_characters(bytes) : 0;
}

std::size_t cost(const stretch& what) {
    const auto lines = what.lines ? what.lines->size() * sizeof(line_start) : 0;
    return what.text->size() + lines + bookkeeping;
}

} // namespace

std::uint64_t grid_after(std::uint64_t begin, std::size_t stretch_bytes) {
    // A line that crosses the grid begins the next stretch; what is left of this one is no reason
    // to cut it.
    return ((begin + stretch_bytes / 4) / stretch_bytes + 1) * stretch_bytes;
}

boost::system::result<stretch> make_stretch(
    const log_file& file, const stretch_key& key, std::uint64_t until, std::uint64_t grid,
    reading how) {
    stretch made;
    if (key.before) {
        made.after = *key.before;
    } else if (auto found = state_before(file, key, how); found) {
        made.after = *found;
    } else {
        return found.error();
    }
    auto bytes = read_range(file, key.begin, until, how);
    if (!bytes) {
        return bytes.error();
    }
    // A log that lost its end since somebody measured it (nobody should) counts as seen so far.
    made.seen = until;
    const bool full = key.begin + bytes->size() == grid;
    const auto length = key.log_end ? bytes->size() : cut(*bytes, full);
    made.end = key.log_end ? *key.log_end : key.begin + length;
    bytes->resize(length);
    if (key.how.form == markup::raw) {
        made.text = std::make_shared<const std::string>(std::move(*bytes));
        return made;
    }
    std::vector<line_start> lines;
    const auto draw = key.log_end ? render : render_part;
    auto text = draw(key.how, made.after, *bytes, &lines, key.begin);
    text.shrink_to_fit();
    lines.shrink_to_fit();
    made.text = std::make_shared<const std::string>(std::move(text));
    made.lines = std::make_shared<const std::vector<line_start>>(std::move(lines));
    return made;
}

const stretch* stretch_cache::find(const stretch_key& key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) {
        return nullptr;
    }
    by_use_.splice(by_use_.begin(), by_use_, found->second);
    return &found->second->what;
}

void stretch_cache::put(const stretch_key& key, stretch made) {
    if (const auto old = by_key_.find(key); old != by_key_.end()) {
        remove(old->second);
    }
    const auto size = cost(made);
    if (size > limit_) {
        return;
    }
    while (bytes_ + size > limit_) {
        remove(std::prev(by_use_.end()));
    }
    by_use_.push_front({key, std::move(made)});
    by_key_.emplace(key, by_use_.begin());
    bytes_ += size;
}

void stretch_cache::forget(job_id id) {
    for (auto place = by_use_.begin(); place != by_use_.end();) {
        const auto here = place++;
        if (here->key.id == id) {
            remove(here);
        }
    }
}

void stretch_cache::remove(std::list<entry>::iterator place) {
    bytes_ -= cost(place->what);
    by_key_.erase(place->key);
    by_use_.erase(place);
}

} // namespace restpoint::jobs
