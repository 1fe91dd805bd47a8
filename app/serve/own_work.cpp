#include "serve/own_work.hpp"

#include "base/file.hpp"
#include "own_report.hpp"
#include "restore/perform.hpp"

#include <unistd.h>

#include <utility>

namespace restpoint {
namespace {

using jobs::job_kind;

bool is_restore(job_kind kind) {
    return kind == job_kind::restore || kind == job_kind::undo || kind == job_kind::forget;
}

std::filesystem::path order_file(const std::filesystem::path& orders, const jobs::job& what) {
    return orders / std::to_string(what.id);
}

result<std::vector<std::string>> argv_of(
    const std::filesystem::path& orders, const std::vector<std::string>& flags,
    const jobs::job& what) {
    const auto file = order_file(orders, what);
    std::error_code ignored;
    std::filesystem::create_directory(orders, ignored);
    std::filesystem::remove(file.native() + ".report", ignored);
    // Written once: what was begun must go on even when the disk has filled up since.
    const auto before = read_file(file);
    if (!before || *before != what.spec.order) {
        if (auto written = write_file(file, what.spec.order); !written) {
            return written.error();
        }
    }
    // The shim's own program: the same file even when a newer one has taken its name.
    std::vector<std::string> argv{
        "/proc/self/exe", is_restore(what.spec.kind) ? "restore-exec" : "postgres-exec", file};
    if (is_restore(what.spec.kind) && what.cancel_requested) {
        argv.emplace_back("--turn-back");
    }
    argv.emplace_back("--");
    argv.insert(argv.end(), flags.begin(), flags.end());
    return argv;
}

bool is_open(const jobs::job& what) {
    const auto order = restore::parse_order(what.spec.order);
    return is_restore(what.spec.kind) && order && restore::is_open(*order);
}

bool is_settled(const jobs::job& what) {
    const auto order = restore::parse_order(what.spec.order);
    return is_restore(what.spec.kind) && order && restore::is_settled(*order);
}

} // namespace

jobs::own_work own_work_of(const configuration& configured, const std::filesystem::path& orders) {
    jobs::own_work own;
    own.argv = [orders, flags = configured.flags](const jobs::job& what) {
        return argv_of(orders, flags, what);
    };
    own.is_open = is_open;
    own.is_settled = is_settled;
    own.last_words_of = [orders](const jobs::job& what) {
        return read_own_report(order_file(orders, what));
    };
    for (char** entry = environ; *entry != nullptr; ++entry) {
        own.environment.emplace_back(*entry);
    }
    return own;
}

void forget_order(const std::filesystem::path& orders, const jobs::job& ended) {
    std::error_code ignored;
    std::filesystem::remove(order_file(orders, ended), ignored);
    std::filesystem::remove(order_file(orders, ended).native() + ".report", ignored);
}

} // namespace restpoint
