// The service's own log (Boost.Log): one line per event, as text on a terminal and as JSON
// otherwise. Not for the output of children, which goes to the job's log file untouched.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace restpoint::log {

enum class level { debug, info, warn, error };
enum class format { automatic, text, json };

struct options {
    level minimum = level::info;
    format form = format::automatic; ///< automatic: text when standard error is a terminal, JSON
                                     ///< lines otherwise
};

/// A named value of a line. Keys are snake_case and the same thing has the same key everywhere:
/// job, stanza, kind, error.
struct field {
    std::string_view key;
    std::variant<std::string, std::int64_t, double, bool> value;

    field(std::string_view k, std::string_view v) : key(k), value(std::string(v)) {}
    field(std::string_view k, const std::string& v) : key(k), value(v) {}
    field(std::string_view k, const char* v) : key(k), value(std::string(v)) {}
    field(std::string_view k, bool v) : key(k), value(v) {}
    field(std::string_view k, double v) : key(k), value(v) {}
    template <class Integer>
        requires std::is_integral_v<Integer>
    field(std::string_view k, Integer v) : key(k), value(static_cast<std::int64_t>(v)) {}
};

/// Sets up the sink on standard error. Before the first call, lines at info and above go out as
/// text.
void start(const options& how);

void write(level at, std::string_view message, std::initializer_list<field> fields);

inline void debug(std::string_view message, std::initializer_list<field> fields = {}) {
    write(level::debug, message, fields);
}
inline void info(std::string_view message, std::initializer_list<field> fields = {}) {
    write(level::info, message, fields);
}
inline void warn(std::string_view message, std::initializer_list<field> fields = {}) {
    write(level::warn, message, fields);
}
inline void error(std::string_view message, std::initializer_list<field> fields = {}) {
    write(level::error, message, fields);
}

} // namespace restpoint::log
