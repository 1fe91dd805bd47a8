#include "postgres/agent_hold.hpp"

#include "base/file.hpp"
#include "postgres/agent_protocol.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

namespace restpoint::postgres {

std::optional<std::string> agent_hold::holder() const {
    constexpr std::size_t longest = 4096;
    const auto text = read_file(file_, longest);
    if (!text && text.error().code == errc::not_found) {
        return std::nullopt;
    }
    auto name = text ? text->substr(0, text->find('\n')) : std::string{};
    return is_holder(name) ? name : "(unknown)";
}

result<> agent_hold::take(std::string_view holder) const {
    const auto now = this->holder();
    if (now && *now != holder) {
        return held_by(*now);
    }
    return write_file(file_, std::string(holder) + '\n');
}

result<> agent_hold::release(std::string_view holder) const {
    const auto now = this->holder();
    if (!now) {
        return {};
    }
    if (*now != holder) {
        return held_by(*now);
    }
    if (::unlink(file_.c_str()) != 0 && errno != ENOENT) {
        return system_failure(fmt::format("cannot remove '{}'", file_.native()), errno);
    }
    return sync_folder(file_.parent_path());
}

result<> agent_hold::may_start(std::string_view holder) const {
    const auto now = this->holder();
    if (now && *now != holder) {
        return held_by(*now);
    }
    return {};
}

failure agent_hold::held_by(const std::string& holder) const {
    return {
        errc::conflict,
        fmt::format("PostgreSQL is held stopped by '{}' ({})", holder, file_.native()),
        fmt::format(
            "let who holds it finish or go back; only when that is out of the question, and its "
            "data directory is known to be whole, remove '{}'",
            file_.native())};
}

} // namespace restpoint::postgres
