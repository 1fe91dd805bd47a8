// SIGHUP: the configuration is read again while the service runs. What is wrong changes nothing and
// is told; schedules and what is kept of jobs take effect at once, every other key at the next
// start.
#pragma once

#include "configuration.hpp"
#include "process/service_manager.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/signal_set.hpp>

#include <functional>
#include <string>

namespace restpoint {

using read_configuration = std::function<configuration()>;

/// Keeps SIGHUP pending until a reloader is there, so that one that comes while the service starts
/// is neither lost nor its end. To be called before the configuration is read for the first time.
void hold_hangups();

class reloader {
  public:
    /// `running` is what the service was started with; `take_up` is given a later one in which
    /// nothing is wrong, for what of it takes effect at once. `manager` is told while it lasts.
    reloader(
        boost::asio::any_io_executor executor, configuration running, read_configuration read,
        std::function<void(const configuration&)> take_up, process::service_manager& manager);
    /// Holds SIGHUP again: one that comes while the rest of the service ends does no harm.
    ~reloader();

    /// Ends by cancellation only.
    [[nodiscard]] boost::asio::awaitable<void> run();

    [[nodiscard]] const configuration& running() const { return running_; }

  private:
    /// What became of it, in one line.
    [[nodiscard]] std::string reload();

    boost::asio::signal_set hangups_;
    configuration running_;
    read_configuration read_;
    std::function<void(const configuration&)> take_up_;
    process::service_manager& manager_;
};

} // namespace restpoint
