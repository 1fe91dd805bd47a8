#include "process/exit_report.hpp"

#include "base/utf8.hpp"

#include <boost/json.hpp>

#include <fmt/format.h>

#include <limits>
#include <utility>

namespace restpoint::process {

namespace json = boost::json;

namespace {

constexpr double most_seconds = 1e12; ///< thirty thousand years: what is more is no time

/// What a file system calls a name need not be UTF-8, but JSON must be.
std::string json_text(std::string_view text) {
    return presentable(text, text.size());
}

/// Takes fields out of the object, and keeps the first thing that is wrong with it.
class field_reader {
  public:
    explicit field_reader(const json::object& from) : from_(from) {}

    void require(std::string_view name) {
        if (find(name) == nullptr) {
            complain(name, "is missing");
        }
    }

    void read(std::string_view name, std::string& to) {
        if (const auto* value = find(name)) {
            if (const auto* text = value->if_string()) {
                to.assign(text->data(), text->size());
            } else {
                complain(name, "is not a string");
            }
        }
    }

    void read(std::string_view name, bool& to) {
        if (const auto* value = find(name)) {
            if (const auto* truth = value->if_bool()) {
                to = *truth;
            } else {
                complain(name, "is neither true nor false");
            }
        }
    }

    void read(std::string_view name, double& to) {
        if (const auto* value = find(name)) {
            boost::system::error_code error;
            const auto number = value->to_number<double>(error);
            // 1e400 is read as an infinity.
            if (!error && number >= 0 && number <= most_seconds) {
                to = number;
            } else {
                complain(name, "is not a number of seconds");
            }
        }
    }

    template <class Integer>
        requires std::is_integral_v<Integer>
    void read(
        std::string_view name, Integer& to, Integer least = 0, Integer most = most_of<Integer>) {
        if (const auto* value = find(name)) {
            boost::system::error_code error;
            const auto number = value->to_number<Integer>(error);
            if (!error && number >= least && number <= most) {
                to = number;
            } else {
                complain(name, fmt::format("is not a whole number from {} to {}", least, most));
            }
        }
    }

    /// null is the same as not there.
    void read(std::string_view name, std::optional<int>& to, int least, int most) {
        if (const auto* value = find(name); value != nullptr && !value->is_null()) {
            int number = least;
            read(name, number, least, most);
            to = number;
        }
    }

    void complain(std::string_view name, std::string_view what) {
        if (problem_.empty()) {
            problem_ = fmt::format("exit report: field '{}' {}", name, what);
        }
    }

    [[nodiscard]] const std::string& problem() const { return problem_; }

  private:
    template <class Integer>
    static constexpr Integer most_of = std::numeric_limits<Integer>::max();

    [[nodiscard]] const json::value* find(std::string_view name) const {
        return from_.if_contains(name);
    }

    const json::object& from_;
    std::string problem_;
};

result<json::value> parse(std::string_view text) {
    json::stream_parser parser;
    boost::system::error_code error;
    const auto taken = parser.write_some(text.data(), text.size(), error);
    if (!error && text.find_first_not_of(" \t\r\n", taken) != text.npos) {
        error = json::error::extra_data;
    }
    if (!error) {
        parser.finish(error);
    }
    if (error) {
        return failure{
            errc::invalid, fmt::format("exit report: byte {}: {}", taken, error.message())};
    }
    return parser.release();
}

exit_report take_fields(field_reader& fields) {
    exit_report report;
    fields.require("version");
    fields.require("started");
    fields.read("version", report.version, 1);
    fields.read("started", report.started);
    fields.read("exit_code", report.exit_code, 0, 255);
    fields.read("signal", report.signal, 1, 64);
    fields.read("error", report.error);
    fields.read("error_code", report.error_code);
    fields.read("started_at", report.started_at);
    fields.read("finished_at", report.finished_at);
    fields.read("cpu_user", report.cpu_user);
    fields.read("cpu_system", report.cpu_system);
    fields.read("max_rss", report.max_rss);
    fields.read("lines", report.lines);
    fields.read("bytes", report.bytes);
    fields.read("noise", report.noise);
    fields.read("dropped", report.dropped);
    fields.read("orphans", report.orphans);
    return report;
}

/// A started child ended by an exit or by a signal, or nobody saw how; never by both.
void check_end(const exit_report& report, field_reader& fields) {
    if (report.started && report.exit_code && report.signal) {
        fields.complain("exit_code", "and 'signal' are both set, and a child ends by one of them");
    }
    if (!report.started && (report.exit_code || report.signal)) {
        fields.complain("started", "is false, yet there is an 'exit_code' or a 'signal'");
    }
}

} // namespace

std::string to_json(const exit_report& report) {
    json::object out{
        {"version", report.version},
        {"started", report.started},
        {"error", json_text(report.error)},
        {"error_code", json_text(report.error_code)},
        {"started_at", json_text(report.started_at)},
        {"finished_at", json_text(report.finished_at)},
        {"cpu_user", report.cpu_user},
        {"cpu_system", report.cpu_system},
        {"max_rss", report.max_rss},
        {"lines", report.lines},
        {"bytes", report.bytes},
        {"noise", report.noise},
        {"dropped", report.dropped},
        {"orphans", report.orphans},
    };
    if (report.exit_code) {
        out.emplace("exit_code", *report.exit_code);
    }
    if (report.signal) {
        out.emplace("signal", *report.signal);
    }
    return json::serialize(out);
}

result<exit_report> parse_exit_report(std::string_view text) {
    const auto parsed = parse(text);
    if (!parsed) {
        return parsed.error();
    }
    const auto* const object = parsed->if_object();
    if (object == nullptr) {
        return failure{errc::invalid, "exit report: byte 0: not an object"};
    }
    field_reader fields(*object);
    auto report = take_fields(fields);
    check_end(report, fields);
    if (!fields.problem().empty()) {
        return failure{errc::invalid, fields.problem()};
    }
    return report;
}

} // namespace restpoint::process
