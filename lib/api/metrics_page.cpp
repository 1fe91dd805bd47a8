#include "api/metrics_page.hpp"

#include "base/utf8.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

namespace restpoint::api {
namespace {

std::string_view to_string(metric_type type) {
    switch (type) {
    case metric_type::gauge:
        return "gauge";
    case metric_type::counter:
        return "counter";
    case metric_type::summary:
        break;
    }
    return "summary";
}

/// Line ends and backslashes, and quotes where the text stands between some.
std::string escaped(std::string_view text, bool quoted) {
    std::string out;
    for (const char c : scrub_utf8(text)) {
        if (c == '\n') {
            out += "\\n";
        } else if (c == '\\' || (c == '"' && quoted)) {
            out += '\\';
            out += c;
        } else {
            out += c;
        }
    }
    return out;
}

std::string series_text(
    std::string_view name, std::string_view suffix, const metric_labels& labels) {
    auto out = fmt::format("{}{}", name, suffix);
    for (std::size_t i = 0; i < labels.size(); ++i) {
        out += i == 0 ? "{" : ",";
        out += fmt::format("{}=\"{}\"", labels[i].first, escaped(labels[i].second, true));
    }
    return labels.empty() ? out : out + "}";
}

std::string number_text(double value) {
    if (std::isnan(value)) {
        return "NaN";
    }
    if (std::isinf(value)) {
        return value > 0 ? "+Inf" : "-Inf";
    }
    constexpr double exact = 0x1p53;
    if (value == std::trunc(value) && std::abs(value) <= exact) {
        return fmt::format("{}", static_cast<std::int64_t>(value));
    }
    return fmt::format("{}", value);
}

} // namespace

metrics_page::family& metrics_page::family_of(
    std::string_view name, metric_type type, std::string_view help) {
    const auto [place, fresh] = families_.try_emplace(std::string(name));
    if (fresh) {
        place->second.type = type;
        place->second.help = help;
    }
    return place->second;
}

void metrics_page::gauge(
    std::string_view name, std::string_view help, double value, const metric_labels& labels) {
    family_of(name, metric_type::gauge, help).series[series_text(name, "", labels)] = value;
}

void metrics_page::counter(
    std::string_view name, std::string_view help, double value, const metric_labels& labels) {
    family_of(name, metric_type::counter, help).series[series_text(name, "", labels)] = value;
}

void metrics_page::summary(
    std::string_view name, std::string_view help, std::uint64_t count, double sum,
    const metric_labels& labels) {
    auto& those = family_of(name, metric_type::summary, help);
    those.series[series_text(name, "_count", labels)] = static_cast<double>(count);
    those.series[series_text(name, "_sum", labels)] = sum;
}

std::string metrics_page::text() const {
    std::string out;
    for (const auto& [name, those] : families_) {
        fmt::format_to(
            std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n", name,
            escaped(those.help, false), name, to_string(those.type));
        for (const auto& [series, value] : those.series) {
            fmt::format_to(std::back_inserter(out), "{} {}\n", series, number_text(value));
        }
    }
    return out;
}

} // namespace restpoint::api
