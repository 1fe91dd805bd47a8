#include "restore/order.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace json = boost::json;

namespace restpoint::restore {
namespace {

constexpr std::array<std::string_view, 3> errands{"restore", "undo", "forget"};

failure unreadable(std::string_view member) {
    return {
        errc::invalid, fmt::format("the order of a restore has no '{}' that can be read", member),
        "was it written by a newer restpoint?"};
}

/// The members of an order, the first that is missing remembered.
class reader {
  public:
    explicit reader(const json::object& from) : from_(from) {}

    [[nodiscard]] std::string text(std::string_view name) {
        const auto* found = from_.if_contains(name);
        if (found == nullptr || !found->is_string()) {
            missing_ = missing_.empty() ? std::string(name) : missing_;
            return {};
        }
        return std::string(std::string_view(found->get_string()));
    }

    [[nodiscard]] std::vector<std::string> texts(std::string_view name) {
        const auto* const found = from_.if_contains(name);
        const auto is_text = [](const json::value& one) { return one.is_string(); };
        if (found == nullptr || !found->is_array() ||
            !std::all_of(found->get_array().begin(), found->get_array().end(), is_text)) {
            missing_ = missing_.empty() ? std::string(name) : missing_;
            return {};
        }
        std::vector<std::string> all;
        for (const auto& one : found->get_array()) {
            all.emplace_back(std::string_view(one.get_string()));
        }
        return all;
    }

    /// Numbers are text: some of them do not fit into what JSON is sure to keep.
    template <class Number>
    [[nodiscard]] Number number(std::string_view name) {
        const auto written = text(name);
        Number value = 0;
        const auto* end = written.data() + written.size();
        const auto [stop, bad] = std::from_chars(written.data(), end, value);
        if (bad != std::errc{} || stop != end) {
            missing_ = missing_.empty() ? std::string(name) : missing_;
        }
        return value;
    }

    [[nodiscard]] bool truth(std::string_view name) {
        const auto written = text(name);
        if (written != "yes" && written != "no") {
            missing_ = missing_.empty() ? std::string(name) : missing_;
        }
        return written == "yes";
    }

    [[nodiscard]] const std::string& missing() const { return missing_; }

  private:
    const json::object& from_;
    std::string missing_ = {};
};

std::optional<errand> parse_errand(std::string_view word) {
    for (std::size_t i = 0; i < errands.size(); ++i) {
        if (errands.at(i) == word) {
            return static_cast<errand>(i);
        }
    }
    return std::nullopt;
}

} // namespace

std::string_view to_string(errand what) {
    return errands.at(static_cast<std::size_t>(what));
}

std::string to_json(const order& what) {
    json::object told;
    told["errand"] = to_string(what.what);
    told["stanza"] = what.stanza;
    told["data"] = what.data.native();
    told["way"] = to_string(what.how);
    told["target_type"] = to_string(what.to.kind);
    told["target_value"] = value_text(what.to);
    told["repo"] = std::to_string(what.repo);
    told["archive"] = what.archive;
    told["timeline"] = std::to_string(what.timeline);
    told["set"] = what.set;
    told["wal_to"] = what.wal_to;
    told["whole"] = what.whole ? "yes" : "no";
    told["system_id"] = std::to_string(what.system_id);
    told["bytes"] = std::to_string(what.bytes);
    told["version"] = what.version;
    told["back_set"] = what.back_set;
    told["back_timeline"] = std::to_string(what.back_timeline);
    told["databases"] = json::array(what.databases.begin(), what.databases.end());
    told["start"] = what.start ? "yes" : "no";
    told["folder"] = what.folder;
    told["of"] = what.of;
    told["digest"] = what.digest;
    return json::serialize(told);
}

result<order> parse_order(std::string_view text) {
    boost::system::error_code bad;
    const auto parsed = json::parse(text, bad);
    if (bad || !parsed.is_object()) {
        return failure{errc::invalid, "the order of a restore is no JSON object"};
    }
    reader from(parsed.get_object());
    order read;
    const auto what = parse_errand(from.text("errand"));
    const auto kind = parse_target_kind(from.text("target_type"));
    if (!what || !kind) {
        return unreadable(what ? "target_type" : "errand");
    }
    auto to = make_target(*kind, from.text("target_value"));
    if (!to) {
        return to.error();
    }
    read.what = *what;
    read.to = std::move(*to);
    read.stanza = from.text("stanza");
    read.data = from.text("data");
    const auto how = parse_way(from.text("way"));
    read.databases = from.texts("databases");
    if (!how) {
        return unreadable("way");
    }
    read.how = *how;
    read.start = from.truth("start");
    read.whole = from.truth("whole");
    read.repo = from.number<int>("repo");
    read.archive = from.text("archive");
    read.timeline = from.number<std::uint32_t>("timeline");
    read.set = from.text("set");
    read.wal_to = from.text("wal_to");
    read.system_id = from.number<std::uint64_t>("system_id");
    read.bytes = from.number<std::uint64_t>("bytes");
    read.version = from.text("version");
    read.back_set = from.text("back_set");
    read.back_timeline = from.number<std::uint32_t>("back_timeline");
    read.folder = from.text("folder");
    read.of = from.text("of");
    read.digest = from.text("digest");
    if (!from.missing().empty()) {
        return unreadable(from.missing());
    }
    return read;
}

std::string folder_name(wall_time now, std::string_view digest) {
    std::string name;
    for (const char c : rfc3339(now).substr(0, 19)) {
        if (c == 'T') {
            name += '-';
        } else if (c != '-' && c != ':') {
            name += c;
        }
    }
    return fmt::format("{}-{}", name, digest.substr(0, 8));
}

order order_of(
    const plan& made, const plan& back, const backrest::stanza_info& stanza,
    std::filesystem::path data) {
    order told;
    told.stanza = stanza.name;
    told.data = std::move(data);
    told.how = made.how.value_or(way::beside);
    told.to = made.asked.to;
    told.repo = static_cast<int>(made.repo);
    told.timeline = made.timeline;
    const auto& known = made.asked.acknowledged;
    told.whole = std::find(known.begin(), known.end(), reason::commits_missing) == known.end();
    told.bytes = made.bytes.value_or(0);
    told.wal_to = made.wal_to ? backrest::to_string(*made.wal_to) : std::string();
    const auto set = made.set.value_or(backrest::backup_info{});
    told.set = set.label;
    for (const auto& archive : stanza.archives) {
        if (archive.repo == made.repo && archive.database_id == set.database_id) {
            told.archive = archive.id;
        }
    }
    for (const auto& cluster : stanza.databases) {
        if (cluster.repo == made.repo && cluster.id == set.database_id) {
            told.system_id = cluster.system_id;
            told.version = cluster.version;
        }
    }
    told.back_set = back.set ? back.set->label : std::string();
    told.back_timeline = back.timeline;
    return told;
}

} // namespace restpoint::restore
