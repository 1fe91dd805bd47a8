#include "base/log.hpp"

#include "base/line_queue.hpp"
#include "base/log_text.hpp"
#include "base/time_text.hpp"

#include <boost/log/core.hpp>
#include <boost/log/sinks/basic_sink_backend.hpp>
#include <boost/log/sinks/sync_frontend.hpp>
#include <boost/log/sources/logger.hpp>
#include <boost/log/sources/record_ostream.hpp>
#include <boost/make_shared.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <iterator>

namespace logging = boost::log;

namespace restpoint::log {
namespace {

struct settings {
    level minimum = level::info;
    bool json = false;
};

settings& current() {
    static settings instance;
    return instance;
}

std::string_view name(level at) {
    switch (at) {
    case level::debug:
        return "debug";
    case level::info:
        return "info";
    case level::warn:
        return "warn";
    case level::error:
        return "error";
    }
    return "error";
}

std::string json_value(const field& f) {
    return std::visit(
        [](const auto& value) -> std::string {
            if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>) {
                return quoted(std::string_view(value));
            } else {
                return fmt::format("{}", value);
            }
        },
        f.value);
}

std::string text_value(const field& f) {
    const auto* text = std::get_if<std::string>(&f.value);
    return text == nullptr ? json_value(f) : shown_value(*text);
}

std::string render(level at, std::string_view message, std::initializer_list<field> fields) {
    std::string line;
    auto out = std::back_inserter(line);
    const auto now = rfc3339(std::chrono::system_clock::now());
    if (current().json) {
        fmt::format_to(
            out, R"({{"time":"{}","level":"{}","message":{})", now, name(at), quoted(message));
        for (const auto& f : fields) {
            fmt::format_to(out, ",{}:{}", quoted(f.key), json_value(f));
        }
        line += '}';
        return line;
    }
    fmt::format_to(out, "{} {:<5} {}", now, name(at), shown_message(message));
    for (const auto& f : fields) {
        fmt::format_to(out, " {}={}", f.key, text_value(f));
    }
    return line;
}

/// Never destroyed: threads log until the process ends, and where nobody reads, its end waits for
/// a bounded time only.
line_queue& standard_error() {
    static line_queue* const lines = [] {
        static constexpr std::chrono::seconds at_exit{1};
        std::atexit([] { static_cast<void>(standard_error().flush(at_exit)); });
        return new line_queue(STDERR_FILENO, [](std::uint64_t count) {
            return render(
                       level::warn, "lines of this log were dropped: they were not read in time",
                       {{"lines", count}}) +
                   '\n';
        });
    }();
    return *lines;
}

/// One write(2) a record, so that lines of several processes on one terminal or pipe never mix.
class stderr_backend : public logging::sinks::basic_formatted_sink_backend<
                           char, logging::sinks::synchronized_feeding> {
  public:
    void consume(const logging::record_view&, const std::string& text) {
        standard_error().put(text + '\n');
    }
};

void install_sink() {
    static const bool installed = [] {
        using sink = logging::sinks::synchronous_sink<stderr_backend>;
        logging::core::get()->add_sink(boost::make_shared<sink>());
        return true;
    }();
    (void)installed;
}

} // namespace

void start(const options& how) {
    current().minimum = how.minimum;
    current().json =
        how.form == format::json || (how.form == format::automatic && ::isatty(STDERR_FILENO) == 0);
    install_sink();
}

void write(level at, std::string_view message, std::initializer_list<field> fields) {
    if (at < current().minimum) {
        return;
    }
    install_sink();
    static logging::sources::logger_mt source; // the store's thread logs too
    BOOST_LOG(source) << render(at, message, fields);
}

} // namespace restpoint::log
