// Who holds PostgreSQL stopped: a file beside the agent's socket, so that the hold outlives the
// agent. It fails closed: as long as the file is there, readable or not, PostgreSQL is held, and
// there is no time after which it is not. Removing the file by hand releases it.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace restpoint::postgres {

class agent_hold {
  public:
    explicit agent_hold(std::filesystem::path file) : file_(std::move(file)) {}

    /// Who holds it; none when nobody does. An unreadable file has a holder that is nobody's name.
    [[nodiscard]] std::optional<std::string> holder() const;

    /// Durable when it returns. Good for who holds it already; else fails with `conflict`, or `io`.
    [[nodiscard]] result<> take(std::string_view holder) const;
    /// Good when nobody holds it; fails with `conflict` when somebody else does.
    [[nodiscard]] result<> release(std::string_view holder) const;
    /// Whether `holder`, who may be nobody (""), may start it: fails with `conflict`.
    [[nodiscard]] result<> may_start(std::string_view holder) const;

    [[nodiscard]] const std::filesystem::path& file() const { return file_; }

  private:
    [[nodiscard]] failure held_by(const std::string& holder) const;

    std::filesystem::path file_;
};

} // namespace restpoint::postgres
