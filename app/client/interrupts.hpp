// Ctrl-C as something that can be waited for, instead of the end of the program.
#pragma once

#include "base/unique_fd.hpp"

#include <chrono>

namespace restpoint::client {

class interrupts {
  public:
    /// From here on SIGINT ends nothing by itself.
    interrupts();

    /// Can be read when Ctrl-C was pressed.
    [[nodiscard]] int fd() const { return fd_.get(); }

    /// Forgets those that came.
    void take();

    /// Whether one comes within `patience`; it is taken.
    [[nodiscard]] bool wait(std::chrono::milliseconds patience);

  private:
    unique_fd fd_;
};

} // namespace restpoint::client
