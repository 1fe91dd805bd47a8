// One look at everything that a stanza's state depends on. Internal to api.
#pragma once

#include "api/api.hpp"
#include "api/stanza_state.hpp"

#include <boost/asio/awaitable.hpp>

namespace restpoint::api {

/// Never fails: what could not be looked at is a finding too.
[[nodiscard]] boost::asio::awaitable<stanza_findings> look_at_stanza(api_context& context);

} // namespace restpoint::api
