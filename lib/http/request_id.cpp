#include "http/request_id.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <random>

namespace restpoint::http {

std::string make_request_id() {
    static std::mt19937_64 generator = [] {
        std::random_device source;
        std::seed_seq seed{source(), source(), source(), source()};
        return std::mt19937_64(seed);
    }();
    const std::uint64_t id = generator();
    return fmt::format("{:016x}", id);
}

} // namespace restpoint::http
