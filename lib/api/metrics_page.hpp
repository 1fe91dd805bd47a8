// Figures in Prometheus' text format, version 0.0.4. Families and series are sorted, so that two
// pages can be compared. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace restpoint::api {

enum class metric_type { gauge, counter, summary };

/// Names and values, in the order in which they are to be written.
using metric_labels = std::vector<std::pair<std::string_view, std::string>>;

inline constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

class metrics_page {
  public:
    /// One series. Of two with the same name and labels the later counts. `help` is taken from the
    /// first of a family.
    void gauge(
        std::string_view name, std::string_view help, double value,
        const metric_labels& labels = {});
    /// `name` ends in _total.
    void counter(
        std::string_view name, std::string_view help, double value,
        const metric_labels& labels = {});
    /// How often something happened, and what it came to: NAME_count and NAME_sum.
    void summary(
        std::string_view name, std::string_view help, std::uint64_t count, double sum,
        const metric_labels& labels = {});

    [[nodiscard]] std::string text() const;

  private:
    struct family {
        metric_type type = metric_type::gauge;
        std::string help = {};
        std::map<std::string, double> series = {}; ///< by name and labels as they are written
    };
    family& family_of(std::string_view name, metric_type type, std::string_view help);

    std::map<std::string, family, std::less<>> families_ = {};
};

} // namespace restpoint::api
