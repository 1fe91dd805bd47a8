// What is written to standard error while it lasts: the service's own log, above all.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace restpoint::test {

class standard_error {
  public:
    standard_error() : before_(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)) {
        std::string name = "/tmp/restpoint-stderr-XXXXXX";
        file_ = ::mkostemp(name.data(), O_CLOEXEC);
        if (before_ < 0 || file_ < 0 || ::dup2(file_, STDERR_FILENO) < 0) {
            throw std::runtime_error("standard error cannot be kept");
        }
        ::unlink(name.c_str());
    }
    standard_error(const standard_error&) = delete;
    standard_error& operator=(const standard_error&) = delete;
    ~standard_error() {
        ::dup2(before_, STDERR_FILENO);
        ::close(before_);
        ::close(file_);
    }

    [[nodiscard]] std::string text() const {
        std::string all;
        std::array<char, 4096> piece{};
        for (ssize_t n = 0;
             (n = ::pread(file_, piece.data(), piece.size(), static_cast<off_t>(all.size()))) >
             0;) {
            all.append(piece.data(), static_cast<std::size_t>(n));
        }
        return all;
    }

    /// The lines that hold all of these.
    [[nodiscard]] std::size_t lines_with(std::initializer_list<std::string> words) const {
        const auto all = text();
        std::size_t found = 0;
        for (std::size_t at = 0; at < all.size();) {
            const auto end = std::min(all.find('\n', at), all.size());
            const auto line = all.substr(at, end - at);
            at = end + 1;
            found += std::ranges::all_of(
                words, [&](const std::string& word) { return line.find(word) != line.npos; });
        }
        return found;
    }

  private:
    int before_;
    int file_ = -1;
};

} // namespace restpoint::test
