// The cached, single-flight `info`: however many ask, one pgbackrest runs, and its answer serves
// for some seconds. A hung repo makes only those wait who ask for a fresh answer, and they get the
// last known one with its age.
#pragma once

#include "backrest/info.hpp"
#include "base/result.hpp"
#include "base/time_text.hpp"
#include "jobs/single_flight.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace restpoint::jobs {

struct info_options {
    std::string binary = "pgbackrest";
    std::string config = {};
    std::string stanza = {};
    std::vector<std::string> environment = {};
    std::optional<std::chrono::seconds> look_timeout = {}; ///< as in backrest::invocation
    std::chrono::milliseconds fresh_for{
        5000}; ///< an answer this young is given without asking again
    std::chrono::milliseconds patience{
        2000}; ///< how long a caller waits when there is an older answer to fall back on
    std::chrono::milliseconds deadline{60000}; ///< how long pgbackrest may take at all
};

struct info_answer {
    std::string text = {};                           ///< what `info` prints for people
    std::vector<backrest::stanza_info> stanzas = {}; ///< empty when its JSON was not understood
    wall_time taken = {};                            ///< when pgbackrest answered
    bool stale = false; ///< a newer one was asked for and did not come in time
};

class info_cache {
  public:
    info_cache(boost::asio::any_io_executor executor, info_options options);

    /// A fresh answer, or the last known one marked stale when a fresh one does not come within
    /// `patience` or fails. Fails only when there is no answer at all to give.
    [[nodiscard]] boost::asio::awaitable<result<std::shared_ptr<const info_answer>>> get() {
        return flights_.get();
    }

    /// What get() would give without asking; null when it would ask.
    [[nodiscard]] std::shared_ptr<const info_answer> at_hand() const { return flights_.at_hand(); }

    /// The next get() asks again: one of our jobs changed the repo.
    void drop() { flights_.drop(); }

    /// Ends what is under way.
    [[nodiscard]] boost::asio::awaitable<void> stop() { return flights_.stop(); }

  private:
    single_flight<info_answer> flights_;
};

} // namespace restpoint::jobs
