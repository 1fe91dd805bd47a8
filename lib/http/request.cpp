#include "http/request.hpp"

#include "http/ascii.hpp"

#include <algorithm>
#include <charconv>

namespace restpoint::http {
namespace {

/// How much an Accept header wants one media type: the most specific range decides (RFC 9110,
/// 12.5.1).
struct preference {
    int specificity = -1;
    double quality = 0;

    void weigh(int how_specific, double q) {
        if (how_specific > specificity) {
            specificity = how_specific;
            quality = q;
        } else if (how_specific == specificity) {
            quality = std::max(quality, q);
        }
    }
};

/// The q parameter among what follows a media range; 1 without one.
double quality_of(std::string_view parameters) {
    while (!parameters.empty()) {
        const auto parameter = trim(cut_at(parameters, ';'));
        if (parameter.size() > 2 && lower(parameter[0]) == 'q' && parameter[1] == '=') {
            double q = 0;
            std::from_chars(parameter.data() + 2, parameter.data() + parameter.size(), q);
            return std::clamp(q, 0.0, 1.0);
        }
    }
    return 1;
}

std::optional<std::string_view> first_value(
    const std::vector<std::pair<std::string, std::string>>& pairs, std::string_view name) {
    const auto found = std::find_if(
        pairs.begin(), pairs.end(), [name](const auto& pair) { return pair.first == name; });
    if (found == pairs.end()) {
        return std::nullopt;
    }
    return found->second;
}

} // namespace

std::string_view to_string(method m) {
    switch (m) {
    case method::get:
        return "GET";
    case method::head:
        return "HEAD";
    case method::post:
        return "POST";
    case method::put:
        return "PUT";
    case method::patch:
        return "PATCH";
    case method::delete_:
        return "DELETE";
    case method::options:
        return "OPTIONS";
    case method::other:
        return "other";
    }
    // uncovered: every value has its case
    return "other";
}

std::optional<std::string_view> request::header(std::string_view name) const {
    return first_value(headers, name);
}

std::optional<std::string_view> request::parameter(std::string_view name) const {
    return first_value(query, name);
}

bool request::wants_html() const {
    preference html;
    preference json;
    for (const auto& [name, value] : headers) {
        if (name != "accept") {
            continue;
        }
        std::string_view rest = value;
        while (!rest.empty()) {
            auto parameters = cut_at(rest, ',');
            const auto range = lower(trim(cut_at(parameters, ';')));
            const auto q = quality_of(parameters);
            if (range == "text/html") {
                html.weigh(2, q);
            } else if (range == "text/*") {
                html.weigh(1, q);
            } else if (range == "application/json" || range == "application/problem+json") {
                json.weigh(2, q);
            } else if (range == "application/*") {
                json.weigh(1, q);
            } else if (range == "*/*") {
                html.weigh(0, q);
                json.weigh(0, q);
            }
        }
    }
    return html.quality > json.quality;
}

} // namespace restpoint::http
