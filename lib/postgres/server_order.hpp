// What a job does with the server: start it, stop it, both. Its text stands in the job's row and is
// handed to the child that does it. Pure.
#pragma once

#include "base/result.hpp"
#include "postgres/control.hpp"

#include <string>
#include <string_view>

namespace restpoint::postgres {

enum class server_errand { start, stop, restart };

struct server_order {
    server_errand what = server_errand::start;
    stop_mode mode = stop_mode::fast; ///< of a stop and of a restart

    friend bool operator==(const server_order&, const server_order&) = default;
};

[[nodiscard]] std::string to_json(const server_order& what);
/// Fails with `invalid`.
[[nodiscard]] result<server_order> parse_server_order(std::string_view json);

/// "fast" or "immediate"; fails with `invalid`.
[[nodiscard]] result<stop_mode> parse_stop_mode(std::string_view text);

} // namespace restpoint::postgres
