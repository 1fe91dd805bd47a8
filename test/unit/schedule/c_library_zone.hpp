// The C library's clocks, as an opinion that is not ours.
#pragma once

#include "base/time_text.hpp"

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>

namespace restpoint::schedule::test {

class c_library_zone {
  public:
    explicit c_library_zone(const char* zone) {
        if (const auto* const before = std::getenv("TZ")) {
            before_ = before;
        }
        ::setenv("TZ", zone, 1);
        ::tzset();
    }
    ~c_library_zone() {
        if (before_) {
            ::setenv("TZ", before_->c_str(), 1);
        } else {
            ::unsetenv("TZ");
        }
        ::tzset();
    }
    c_library_zone(const c_library_zone&) = delete;
    c_library_zone& operator=(const c_library_zone&) = delete;

    /// What they show, as minutes since 1970 on their face.
    [[nodiscard]] static std::chrono::minutes local(wall_time instant) {
        const auto seconds = std::chrono::system_clock::to_time_t(instant);
        std::tm parts{};
        ::localtime_r(&seconds, &parts);
        return std::chrono::duration_cast<std::chrono::minutes>(
            std::chrono::seconds{seconds + parts.tm_gmtoff});
    }

  private:
    std::optional<std::string> before_ = {};
};

} // namespace restpoint::schedule::test
