#include "backrest/archive_listing.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

namespace restpoint::backrest {

namespace {

namespace json = boost::json;

/// One entry of the list, as far as it was read.
struct entry {
    std::string key = {};
    bool is_path = false;
    std::optional<std::uint64_t> size = {};
    std::int64_t time = 0;
};

bool is_checksum(std::string_view text) {
    constexpr std::size_t length = 40;
    return text.size() == length && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

/// Nothing, or one ending: ".gz", ".zst". A file that is being written has two.
bool is_ending(std::string_view text) {
    return text.empty() ||
           (text.size() > 1 && text.front() == '.' && text.find('.', 1) == text.npos);
}

std::optional<segment_name> segment_of(std::string_view key) {
    constexpr std::size_t folder = 16;
    constexpr std::size_t name = 24;
    constexpr std::size_t checksum = 40;
    constexpr std::size_t shortest = folder + 1 + name + 1 + checksum;
    if (key.size() < shortest || key[folder] != '/' || key[folder + 1 + name] != '-' ||
        key.substr(0, folder) != key.substr(folder + 1, folder) ||
        !is_checksum(key.substr(shortest - checksum, checksum)) ||
        !is_ending(key.substr(shortest))) {
        return std::nullopt;
    }
    return parse_segment_name(key.substr(folder + 1, name));
}

std::optional<std::uint32_t> history_of(std::string_view key) {
    constexpr std::string_view ending = ".history";
    constexpr std::size_t digits = 8;
    return key.size() == digits + ending.size() && key.substr(digits) == ending
               ? parse_timeline(key.substr(0, digits))
               : std::nullopt;
}

/// Takes the document as it is parsed: a tree of it would be many times as large as the list.
class handler {
  public:
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = 4096;
    static constexpr std::size_t max_string_size = 65536;
    using error = json::error_code;

    // uncovered: comments are not taken
    bool on_comment_part(json::string_view, error&) { return true; }
    // uncovered: as above
    bool on_comment(json::string_view, error&) { return true; }
    bool on_document_begin(error&) { return true; }
    bool on_document_end(error&) { return true; }
    bool on_object_begin(error&) { return enter(shape::object); }
    bool on_object_end(std::size_t, error&) { return leave(); }
    bool on_array_begin(error&) { return enter(shape::array); }
    bool on_array_end(std::size_t, error&) { return leave(); }

    bool on_key_part(json::string_view part, std::size_t, error&) {
        key_.append(part.data(), part.size());
        return true;
    }
    bool on_key(json::string_view part, std::size_t, error&) {
        key_.append(part.data(), part.size());
        if (depth_ == 1) {
            entry_ = {};
            entry_.key = std::exchange(key_, {});
        } else if (depth_ == 2) {
            field_ = std::exchange(key_, {});
        }
        key_.clear();
        return true;
    }

    bool on_string_part(json::string_view part, std::size_t, error&) {
        text_.append(part.data(), part.size());
        return true;
    }
    bool on_string(json::string_view part, std::size_t, error&) {
        text_.append(part.data(), part.size());
        if (at("type")) {
            entry_.is_path = text_ == "path";
        }
        text_.clear();
        return scalar();
    }

    // uncovered: only called for a number that comes in pieces
    bool on_number_part(json::string_view, error&) { return true; }
    bool on_int64(std::int64_t number, json::string_view, error&) {
        if (at("time")) {
            entry_.time = number;
        } else if (at("size") && number >= 0) {
            entry_.size = static_cast<std::uint64_t>(number);
        }
        return scalar();
    }
    bool on_uint64(std::uint64_t number, json::string_view, error&) {
        if (at("size")) {
            entry_.size = number;
        }
        return scalar();
    }
    bool on_double(double, json::string_view, error&) { return scalar(); }
    bool on_bool(bool, error&) { return scalar(); }
    bool on_null(error&) { return scalar(); }

    [[nodiscard]] bool is_list() const { return !wrong_shape_; }
    [[nodiscard]] archive_listing finish() &&;

  private:
    enum class shape { object, array };

    [[nodiscard]] bool at(std::string_view field) const { return depth_ == 2 && field_ == field; }

    bool enter(shape what) {
        wrong_shape_ = wrong_shape_ || (depth_ < 2 && what == shape::array);
        ++depth_;
        field_.clear();
        return true;
    }
    bool leave() {
        if (--depth_ == 1) {
            take_entry();
        }
        return true;
    }
    bool scalar() {
        wrong_shape_ = wrong_shape_ || depth_ < 2;
        return true;
    }

    void take_entry() {
        if (entry_.is_path) {
            return;
        }
        if (const auto segment = segment_of(entry_.key)) {
            if (entry_.size == 0U) {
                found_.empty.push_back(*segment);
            } else {
                found_.segments.push_back({*segment, entry_.time});
                found_.bytes += entry_.size.value_or(0);
            }
        } else if (const auto timeline = history_of(entry_.key)) {
            found_.histories.push_back({*timeline, entry_.time, entry_.size.value_or(0)});
        }
    }

    archive_listing found_ = {};
    entry entry_ = {};
    std::string key_ = {};
    std::string field_ = {};
    std::string text_ = {};
    std::size_t depth_ = 0;
    bool wrong_shape_ = false;
};

template <class Value>
void sort_unique(std::vector<Value>& all) {
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
}

archive_listing handler::finish() && {
    auto& segments = found_.segments;
    // Of several files the first that came counts: from then on the segment was there.
    std::sort(segments.begin(), segments.end(), [](const auto& a, const auto& b) {
        return a.name != b.name ? a.name < b.name : a.time < b.time;
    });
    for (std::size_t i = 1; i < segments.size(); ++i) {
        if (segments[i].name == segments[i - 1].name) {
            found_.duplicates.push_back(segments[i].name);
        }
    }
    sort_unique(found_.duplicates);
    sort_unique(found_.empty);
    const auto same = [](const auto& a, const auto& b) { return a.name == b.name; };
    segments.erase(std::unique(segments.begin(), segments.end(), same), segments.end());
    std::sort(found_.histories.begin(), found_.histories.end(), [](const auto& a, const auto& b) {
        return a.timeline < b.timeline;
    });
    return std::move(found_);
}

failure refused(std::string detail) {
    return {
        errc::invalid, "pgbackrest repo-ls: " + std::move(detail),
        "run the same command by hand and look at its output: a log level set for the console or a "
        "wrapper around the binary may have written into it"};
}

} // namespace

result<archive_listing> parse_archive_listing(std::string_view text) {
    json::basic_parser<handler> parser{json::parse_options{}};
    json::error_code error;
    const auto read = parser.write_some(false, text.data(), text.size(), error);
    if (error) {
        return refused(fmt::format("no JSON at byte {}: {}", read, error.message()));
    }
    if (text.substr(read).find_first_not_of(" \t\r\n") != text.npos) {
        return refused(fmt::format("more than one JSON document, from byte {}", read));
    }
    if (!parser.handler().is_list()) {
        return refused("the answer is not an object with an object for each file");
    }
    return std::move(parser.handler()).finish();
}

} // namespace restpoint::backrest
