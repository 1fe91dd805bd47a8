// One look at everything that a stanza's state depends on. Internal to api.
#pragma once

#include "api/api.hpp"
#include "api/stanza_state.hpp"
#include "base/result.hpp"
#include "http/router.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string_view>

namespace restpoint::api {

/// What the caches know, within context.patience; `timed_out` when it takes longer.
[[nodiscard]] boost::asio::awaitable<result<std::shared_ptr<const jobs::info_answer>>> ask_info(
    api_context& context);
[[nodiscard]] boost::asio::awaitable<result<std::shared_ptr<const jobs::window_answer>>> ask_window(
    api_context& context);

/// What info says of the stanza in the path. Fails where nothing can be said of its backups: an
/// empty list would be a lie.
[[nodiscard]] boost::asio::awaitable<result<stanza_findings>> look_at_backups(
    api_context& context, http::path_values path);

/// That no set has this label.
[[nodiscard]] failure no_such_backup(const stanza_findings& found, std::string_view label);

/// The next run of each schedule, and the last of all, for people; no part of the state.
[[nodiscard]] boost::asio::awaitable<void> add_schedules(
    api_context& context, stanza_findings& found);

/// Never fails: what could not be looked at, or not in time, is a finding too.
[[nodiscard]] boost::asio::awaitable<stanza_findings> look_at_stanza(api_context& context);

/// The first half of it: all but the jobs.
[[nodiscard]] boost::asio::awaitable<stanza_findings> look_around(api_context& context);

/// The second half, added to the first. Fails when the store does not answer; then the findings
/// are as good as they can be.
[[nodiscard]] boost::asio::awaitable<result<>> add_last_runs(
    api_context& context, stanza_findings& found);

} // namespace restpoint::api
