#include "jobs/store_state.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

namespace restpoint::jobs {

namespace {

std::optional<std::pair<dev_t, ino_t>> file_identity(const std::filesystem::path& file) {
    struct stat about{};
    if (::stat(file.c_str(), &about) != 0) {
        return std::nullopt;
    }
    return std::pair{about.st_dev, about.st_ino};
}

} // namespace

failure too_many_waiting() {
    return {
        errc::unavailable,
        fmt::format("{} operations wait for the store already", most_operations_waiting),
        "the disk of the state directory does not keep up; try again later"};
}

store::state::state(
    std::unique_ptr<database> opened, disk_reserve kept, std::filesystem::path where)
    : rows(std::move(opened)),
      reserve(std::move(kept)),
      file(std::move(where)),
      opened_as(file_identity(file)) {}

result<> store::state::still_there() const {
    if (file_identity(file) == opened_as) {
        return {};
    }
    return failure{
        errc::unusable_state,
        fmt::format("'{}' was removed or replaced while it was in use", file.native()),
        "start restpoint again; jobs that run now go on and keep their logs"};
}

result<> store::state::write_surely(const std::function<result<>(database&)>& write) {
    auto done = write(*rows);
    if (!done && rows->out_of_space() && reserve.release()) {
        done = write(*rows);
    }
    if (done) {
        reserve.restore();
    }
    return done;
}

} // namespace restpoint::jobs
