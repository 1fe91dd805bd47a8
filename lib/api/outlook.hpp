// What the figures and the readiness of the service are made of, beside jobs and logs: handed in by
// the composition root. What is empty is left out.
#pragma once

#include "backrest/version.hpp"
#include "base/result.hpp"
#include "http/server.hpp"
#include "jobs/schedule_record.hpp"
#include "schedule/keeper.hpp"

#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace restpoint::api {

struct outlook {
    /// Whether a new job would find its place in the store; fails with why not.
    std::function<boost::asio::awaitable<result<>>()> store_works = {};
    std::function<std::vector<schedule::upcoming>()> next_runs = {};
    /// The latest runs of a schedule, newest first.
    std::function<boost::asio::awaitable<result<std::vector<jobs::schedule_run>>>(
        std::string schedule, int limit)>
        schedule_runs = {};
    std::function<http::server_statistics()> server = {};
    std::filesystem::path state_folder = {};
    /// As pgbackrest itself answered; none until it has.
    std::optional<backrest::program_version> pgbackrest = {};
};

} // namespace restpoint::api
